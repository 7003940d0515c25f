# Build it with `docker build -t cartera .`; how to run it stands at the end.

FROM python:3.13-slim AS builder
WORKDIR /build
# Copied, not linked: the cache stays behind in this layer. Compiled: the final user cannot write bytecode.
ENV UV_LINK_MODE=copy \
    UV_COMPILE_BYTECODE=1
# The dependencies alone first: this layer is built again only when the lock changes.
COPY pyproject.toml uv.lock ./
COPY scripts/uv scripts/wheel scripts/
RUN python -m venv --without-pip /opt/cartera \
    && scripts/uv export --quiet --locked --no-emit-project --no-dev --output-file /tmp/requirements.txt \
    && scripts/uv pip sync --require-hashes --python /opt/cartera/bin/python /tmp/requirements.txt
COPY . .
RUN scripts/wheel /opt/cartera /tmp/distributions --no-dev

FROM python:3.13-slim
RUN groupadd --system --gid 7733 cartera \
    && useradd --system --uid 7733 --gid cartera --home-dir /var/lib/cartera --create-home cartera
COPY --from=builder /opt/cartera /opt/cartera
ENV PATH=/opt/cartera/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    CARTERA_DATABASE_URL=sqlite:////var/lib/cartera/cartera.db
# By number, so that a cluster can see that it isn't root.
USER 7733
WORKDIR /var/lib/cartera
# SQLite lives here. With PostgreSQL (CARTERA_DATABASE_URL=postgresql://...) nothing is kept in the container.
VOLUME /var/lib/cartera
EXPOSE 7733
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["cartera", "health", "--address", "127.0.0.1:7733"]
ENTRYPOINT ["cartera"]
# Beyond loopback the service starts only with TLS and authentication; without them it says so and exits.
# To try it out on a network of your own, without either, give the command in so many words:
#     docker run -p 127.0.0.1:7733:7733 cartera serve --listen 0.0.0.0:7733 --insecure
CMD ["serve", "--listen", "0.0.0.0:7733"]
