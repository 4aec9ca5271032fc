// Ready-made lines that send logs here, with this server's own address.

export function serverHost(): string {
  return window.location.hostname;
}

export function serverOrigin(): string {
  return window.location.origin;
}

export const snippets = {
  rsyslog: (host: string) =>
    [
      '# /etc/rsyslog.d/60-lachan.conf',
      'action(type="omfwd"',
      `       target="${host}" port="5514" protocol="tcp"`,
      '       TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"',
      '       action.resumeRetryCount="-1"',
      '       queue.type="LinkedList" queue.filename="lachan"',
      '       queue.maxDiskSpace="1g" queue.saveOnShutdown="on")',
    ].join('\n'),

  curl: (origin: string, token: string) =>
    [
      'printf \'{"message":"Xin chào Lá Chắn","host":"may-chu-1"}\\n\' |',
      `  curl --data-binary @- -H 'Authorization: Bearer ${token}' \\`,
      `    -H 'Content-Type: application/x-ndjson' ${origin}/ingest/json`,
    ].join('\n'),

  lines: (origin: string, token: string) =>
    [
      'gzip -c /var/log/auth.log |',
      `  curl --data-binary @- -H 'Authorization: Bearer ${token}' \\`,
      "    -H 'Content-Type: text/plain' -H 'Content-Encoding: gzip' \\",
      `    ${origin}/ingest/lines`,
    ].join('\n'),
} as const;
