// Exim with a configuration of its own in a temporary folder, for the journeys
// that send mail: STARTTLS with a certificate made here, a sign-in, each mail it
// delivers in a file. While it is held it asks senders to come later.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

const program = '/usr/sbin/exim4';

export const noMailServer = existsSync(program) ? false : `${program} is not installed (Debian: apt-get install exim4-daemon-light)`;

export const mailUser = 'canhbao';
export const mailPassword = 'mat-khau-thu-tin';

function configuration(dir, port, uid, gid) {
  return `
primary_hostname = mail.example
exim_user = ${uid}
exim_group = ${gid}
deliver_drop_privilege = true
spool_directory = ${dir}/spool
log_file_path = ${dir}/log/%slog
pid_file_path = ${dir}/spool/exim.pid
daemon_smtp_ports = ${port}
local_interfaces = 127.0.0.1
disable_ipv6 = true
keep_environment =
host_lookup =
rfc1413_query_timeout = 0s
check_spool_space = 0
check_log_space = 0
tls_advertise_hosts = *
tls_certificate = ${dir}/server.pem
tls_privatekey = ${dir}/key.pem
auth_advertise_hosts = \${if eq{$tls_in_cipher}{}{}{*}}
acl_smtp_rcpt = rcpt
begin acl
rcpt:
  deny !authenticated = *
       message = sign in first
  defer condition = \${if exists{${dir}/hold}{yes}{no}}
       message = greylisted, come later
  accept
begin routers
file:
  driver = accept
  transport = file
begin transports
file:
  driver = appendfile
  directory = ${dir}/delivered
  directory_file = $message_exim_id
  create_directory = false
  message_prefix =
  message_suffix =
  check_string =
  escape_string =
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{$auth2}{${mailUser}}}{eq{$auth3}{${mailPassword}}}}{yes}{no}}
  server_set_id = $auth2
`;
}

const freePort = () =>
  new Promise((done) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

const listens = (port) =>
  new Promise((done) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy();
      done(true);
    });
    socket.on('error', () => done(false));
  });

/** Starts the server; stop ends it and forgets everything. */
export async function mailServer() {
  const dir = mkdtempSync(path.join(tmpdir(), 'lachan-exim-'));
  chmodSync(dir, 0o755);
  // Root may not run it as itself: there is a user for it.
  const id = (flag) => Number(execFileSync('id', [flag, ...(process.getuid() === 0 ? ['Debian-exim'] : [])]).toString());
  const [uid, gid] = [id('-u'), id('-g')];
  const port = await freePort();
  for (const sub of ['spool', 'log', 'delivered']) {
    mkdirSync(path.join(dir, sub), 0o750);
    chownSync(path.join(dir, sub), uid, gid);
  }
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1',
    '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', path.join(dir, 'key.pem'), '-out', path.join(dir, 'server.pem')], { stdio: 'ignore' });
  for (const file of ['key.pem', 'server.pem']) chownSync(path.join(dir, file), uid, gid);
  writeFileSync(path.join(dir, 'exim.conf'), configuration(dir, port, uid, gid), { mode: 0o644 });
  const process_ = spawn(program, ['-C', path.join(dir, 'exim.conf'), '-bdf', '-q1s'], { stdio: 'ignore', detached: true });
  const ended = new Promise((done) => process_.once('exit', done));
  for (const end = Date.now() + 60_000; !(await listens(port)); ) {
    if (Date.now() > end || process_.exitCode !== null) throw new Error('exim does not listen');
    await new Promise((next) => setTimeout(next, 50));
  }
  const hold = path.join(dir, 'hold');
  const folder = path.join(dir, 'delivered');
  return {
    port,
    ca: readFileSync(path.join(dir, 'server.pem'), 'utf8'),
    /** The mails that arrived, oldest first. */
    mails: () =>
      readdirSync(folder)
        .filter((name) => /^\d/.test(name))
        .sort()
        .map((name) => readFileSync(path.join(folder, name), 'utf8')),
    hold: (held) => (held ? writeFileSync(hold, '') : rmSync(hold)),
    async stop() {
      try {
        process.kill(-process_.pid, 'SIGKILL');
        await ended;
      } finally {
        rmSync(dir, { recursive: true, force: true });
      }
    },
  };
}

/** A header of a mail, put together and decoded. */
export function header(mail, name) {
  const head = mail.split('\n\n')[0].replaceAll(/\n[ \t]+/g, ' ');
  const line = head.split('\n').find((one) => one.toLowerCase().startsWith(`${name.toLowerCase()}:`)) ?? '';
  return line
    .slice(name.length + 1)
    .trim()
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?utf-8\?q\?(.*?)\?=/gi, (_, text) => decodeQ(text.replaceAll('_', ' ')));
}

const decodeQ = (text) => decodeURIComponent(text.replaceAll('%', '%25').replaceAll(/=([0-9A-F]{2})/g, '%$1'));

/** The plain text of a mail. */
export function body(mail) {
  const boundary = /boundary="?([^"\n]+)"?/.exec(mail)?.[1];
  const part = mail.split(`--${boundary}`)[1] ?? '';
  return decodeQ(part.slice(part.indexOf('\n\n') + 2).replaceAll('=\n', ''));
}
