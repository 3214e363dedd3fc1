import { readFileSync } from 'node:fs';
import { execaSync } from 'execa';
import type { Question } from './ask.ts';
import { familyOf } from './family.ts';

/** The port, pidfile and directory of a daemon in a test. */
export interface Home {
  readonly port: number;
  readonly pidfile: string;
  readonly dir: string;
  /** Writes a file into the directory. */
  readonly write: (name: string, content: string) => string;
}

/** A daemon as Debian packages it. */
export interface Daemon {
  readonly program: string;
  readonly package: string;
  /** Writes the configuration; returns the command that starts the daemon in the background. */
  readonly commandIn: (home: Home) => string;
  readonly question: Question;
  readonly answer: RegExp;
  /** whether its workers keep running, and hold its port, when the main process is killed */
  readonly hasWorkers: boolean;
  /** the number of workers in its configuration, and how many of them its main process has */
  readonly workers?: { readonly configured: number; readonly count: (main: number, home: Home) => number };
}

const HTTP = { question: { over: 'tcp', text: 'GET / HTTP/1.0\r\n\r\n' }, answer: /^HTTP\/1\.\d 200 / } as const;

const WORKERS = 2;

const OPTIONS = [
  'OPTIONS sip:127.0.0.1 SIP/2.0',
  'Via: SIP/2.0/UDP 127.0.0.1;rport;branch=z9hG4bK1',
  'From: <sip:test@127.0.0.1>;tag=1',
  'To: <sip:127.0.0.1>',
  'Call-ID: 1@127.0.0.1',
  'CSeq: 1 OPTIONS',
  'Content-Length: 0',
];

/** Only root can choose the user that a daemon becomes. */
const USER_OPTION = process.geteuid?.() === 0 ? '-u nobody' : '';

export const DAEMONS: readonly Daemon[] = [
  {
    program: 'kamailio',
    package: 'kamailio',
    commandIn: ({ port, pidfile, dir, write }) => {
      const routing = 'request_route { sl_send_reply("200", "OK"); }';
      const control = `loadmodule "ctl.so"\nmodparam("ctl", "binrpc", "unix:${dir}/ctl")`;
      const config = write('kamailio.cfg', `debug=0\nloadmodule "sl.so"\n${control}\n${routing}\n`);
      const sizes = `-n ${WORKERS} -m 8 -M 2`;
      return `kamailio -f ${config} -P ${pidfile} ${USER_OPTION} -l udp:127.0.0.1:${port} ${sizes} -Y ${dir} -w ${dir}`;
    },
    question: { over: 'udp', text: [...OPTIONS, '', ''].join('\r\n') },
    answer: /^SIP\/2\.0 200 /,
    hasWorkers: true,
    workers: {
      configured: WORKERS,
      count: (_, { dir }) => {
        const { stdout } = execaSync('kamcmd', ['-s', `unix:${dir}/ctl`, 'core.psx']);
        return stdout.split('\n').filter((line) => line.includes('udp receiver')).length;
      },
    },
  },
  {
    program: 'rtpengine',
    package: 'rtpengine-daemon',
    // The file of the package has ports, on which only one can listen.
    commandIn: ({ port, pidfile }) =>
      `rtpengine --config-file=none --table=-1 --interface=127.0.0.1 --listen-ng=127.0.0.1:${port} --pidfile=${pidfile}`,
    question: { over: 'udp', text: '1 d7:command4:pinge' },
    answer: /^1 d6:result4:ponge/,
    hasWorkers: false,
  },
  {
    program: 'nginx',
    package: 'nginx-light',
    commandIn: ({ port, pidfile, dir, write }) => {
      const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path ${dir}/${of};`);
      const server = `server { listen 127.0.0.1:${port}; location / { return 200 up; } }`;
      const http = `http { access_log off; ${folders.join(' ')} ${server} }`;
      const config = `pid ${pidfile}; error_log ${dir}/error.log; worker_processes ${WORKERS}; events {} ${http}`;
      return `nginx -c ${write('nginx.conf', config)}`;
    },
    ...HTTP,
    hasWorkers: true,
    workers: {
      configured: WORKERS,
      count: (main) => familyOf(main).filter((pid) => titleOf(pid).startsWith('nginx: worker process')).length,
    },
  },
  {
    program: 'lighttpd',
    package: 'lighttpd',
    commandIn: ({ port, pidfile, dir, write }) => {
      const server = [`port = ${port}`, 'bind = "127.0.0.1"', `document-root = "${dir}"`, `pid-file = "${pidfile}"`];
      const lines = [...server, 'username = "nobody"'].map((line) => `server.${line}\n`);
      write('index.html', 'up');
      return `lighttpd -f ${write('lighttpd.conf', `${lines.join('')}index-file.names = ("index.html")\n`)}`;
    },
    ...HTTP,
    hasWorkers: false,
  },
  {
    program: 'redis-server',
    package: 'redis-server',
    commandIn: ({ port, pidfile, dir }) =>
      `redis-server --port ${port} --bind 127.0.0.1 --daemonize yes --pidfile ${pidfile} --dir ${dir} --save ''`,
    question: { over: 'tcp', text: 'PING\r\n' },
    answer: /^\+PONG/,
    hasWorkers: false,
  },
  {
    program: 'memcached',
    package: 'memcached',
    commandIn: ({ port, pidfile }) => `memcached -d ${USER_OPTION} -l 127.0.0.1 -p ${port} -U 0 -P ${pidfile}`,
    question: { over: 'tcp', text: 'version\r\n' },
    answer: /^VERSION /,
    hasWorkers: false,
  },
];

function titleOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
}

/** The path of a program, looked up as by an operator. */
export function locate(program: string): string | undefined {
  const { stdout } = execaSync('sh', ['-c', 'PATH=$PATH:/usr/sbin:/sbin command -v "$1"', 'sh', program], {
    reject: false,
  });
  return stdout === '' ? undefined : stdout;
}
