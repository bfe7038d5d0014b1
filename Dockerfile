# syntax=docker/dockerfile:1
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc LICENSE ./
COPY .ci/node .ci/node
RUN npm ci
COPY tsconfig.json ./
COPY src src
COPY schema schema
RUN npm run build

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build --chown=node:node /app/package.json /app/LICENSE ./
COPY --from=build --chown=node:node /app/dist dist
COPY --from=build --chown=node:node /app/schema schema
RUN install -d -o node -g node data
USER node
EXPOSE 4000
VOLUME /app/data
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:4000/health/ready').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "--max-semi-space-size=32", "--max-old-space-size=1024", "dist/tapegraph.js"]
CMD ["start"]
