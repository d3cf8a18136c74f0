/** A Compose file of so many services, each with a bit of everything people write. */
export function manyServices(count) {
  const services = Array.from({ length: count }, (_, index) => service(index)).join('')
  const volumes = Array.from({ length: 10 }, (_, index) => `  vol${index}:\n`).join('')
  return `services:\n${services}networks:\n  front:\n  back:\n    internal: true\nvolumes:\n${volumes}`
}

const service = (index) => `  svc${index}:
    image: "registry.example.com/team/svc${index}:\${TAG:-1.${index}}"
    command: ["serve", "--port", "${8000 + index}"]
    environment:
      DATABASE_URL: postgres://app:secret@db${index}:5432/app
      LOG_LEVEL: \${LOG_LEVEL:-info}
      INDEX: ${index}
    ports:
      - "${10000 + index}:80"
      - target: 443
        published: "${20000 + index}"
        protocol: tcp
    volumes:
      - ./data${index}:/data:ro
      - vol${index % 10}:/var/lib/app
    networks:
      front:
      back:
        aliases: [a${index}, b${index}]
    labels:
      - com.example.index=${index}
      - com.example.team=core
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost/health"]
      interval: 10s
      timeout: 5s
      retries: 3
    deploy:
      resources:
        limits:
          cpus: "0.5"
          memory: 256M
${index === 0 ? '' : `    depends_on:\n      svc${index - 1}:\n        condition: service_started\n`}    restart: unless-stopped
`
