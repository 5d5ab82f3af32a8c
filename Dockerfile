# docker build --build-arg COMMIT="$(git describe --always --dirty)" -t lair .
# docs/operations.md says how to run it.

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/build.js scripts/
COPY public public
COPY src src
ARG COMMIT
RUN npm run build && if [ -n "$COMMIT" ]; then echo "$COMMIT" > dist/commit; fi

FROM node:24-slim
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force
COPY --from=build /app/dist dist
COPY views views
COPY public public
# All addresses of the container, also where BASE_URL is a loopback address.
ENV HOST=0.0.0.0
USER node
EXPOSE 3000
# The process lives. Not /readyz: a container that waits for Okta must not be replaced.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# node is the first process, and handles SIGTERM. npm would not.
CMD ["node", "dist/main.js"]
