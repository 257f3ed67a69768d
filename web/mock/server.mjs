// A stand-in for "affekt serve", for work on the page: the interface of docs/api.md with made-up answers. Nothing is computed.
//   npm run build && npm run mock        http://127.0.0.1:5280
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { emotions, recognition, utterance } from './answers.mjs';
import { serveLive } from './live.mjs';

const port = Number(process.env.PORT ?? 5280);
const page = fileURLToPath(new URL('../dist/', import.meta.url));
const card = readFileSync(new URL('../../bundles/starter/card.md', import.meta.url), 'utf8');
const jobs = new Map();

const policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; font-src 'self'; " +
    "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const types = {
    '.html': 'text/html; charset=utf-8',
    '.js': 'text/javascript',
    '.css': 'text/css',
    '.svg': 'image/svg+xml',
    '.woff2': 'font/woff2',
    '.txt': 'text/plain; charset=utf-8',
    '.mp4': 'video/mp4',
};

const json = (response, status, value, headers = {}) => {
    response.writeHead(status, {
        'Content-Type': status < 400 ? 'application/json' : 'application/problem+json',
        ...headers,
    });
    response.end(JSON.stringify(value));
};
const problem = (response, status, code, detail, headers) =>
    json(response, status, { type: `urn:affekt:problem:${code}`, title: code, status, code, detail }, headers);

const server = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://mock');
    const [, version, what, id, events] = url.pathname.split('/');
    if (version !== 'v1') return file(response, url.pathname);
    if (what === 'limits') {
        return json(response, 200, {
            max_upload_bytes: 2 ** 30,
            max_duration_ms: 4 * 3_600_000,
            max_sync_duration_ms: 60_000,
            max_pixels: 33_177_600,
            max_live_sessions: 4,
            max_queue: 16,
            keep_ms: 3_600_000,
            version: '0.1.0',
            api_key_required: false,
        });
    }
    if (what === 'bundles') {
        return json(response, 200, {
            bundles: [
                {
                    name: 'starter',
                    version: '0.1.0',
                    hash: 'c0ffee'.repeat(10) + 'cafe',
                    modalities: ['audio', 'text'],
                    card,
                    labels: emotions,
                    prior: Object.fromEntries(emotions.map(one => [one, 1 / emotions.length])),
                    baseline: true,
                },
            ],
        });
    }
    if (what === 'baselines') {
        request.resume();
        return json(response, 200, { id: 'voice', utterances: 4, keep_ms: 600_000 });
    }
    if (what !== 'recognitions') return problem(response, 404, 'not_found', 'There is no such address.');
    if (request.method === 'POST') return start(request, response);
    const job = jobs.get(id);
    if (!job) return problem(response, 404, 'not_found', 'There is no such job (any more).');
    if (request.method === 'DELETE') {
        jobs.delete(id);
        return response.writeHead(204).end();
    }
    return events ? follow(job, response) : json(response, 200, job);
});

async function start(request, response) {
    const parts = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts).toString('latin1');
    const name = /name="?media"?; filename="?([^";\r]+)/.exec(body)?.[1] ?? 'recording';
    const id = Math.random().toString(36).slice(2);
    const job = {
        id,
        state: 'queued',
        created: new Date().toISOString(),
        expires: null,
        file: name,
        progress: { utterances: 0, done_ms: 0, duration_ms: null },
        error: null,
        result: null,
    };
    jobs.set(id, job);
    const bad = /\.(txt|pdf|zip)$/.test(name) || name.includes('broken');
    const result = recognition(name);
    setTimeout(() => {
        job.state = bad ? 'failed' : 'running';
        if (bad)
            job.error = {
                type: 'urn:affekt:problem:unreadable',
                title: 'unreadable',
                status: 422,
                code: 'unreadable',
                detail: `${name}: found no sound and no picture; expected a recording that ffmpeg can read.`,
            };
    }, 300);
    const timer = setInterval(() => {
        if (job.state !== 'running') return job.state === 'failed' && clearInterval(timer);
        const next = result.utterances[job.progress.utterances];
        if (next)
            job.progress = {
                utterances: job.progress.utterances + 1,
                done_ms: next.end_ms,
                duration_ms: result.input.duration_ms,
            };
        else {
            Object.assign(job, { state: 'done', result });
            clearInterval(timer);
        }
    }, 250);
    json(response, 202, job, { Location: `/v1/recognitions/${id}` });
}

function follow(job, response) {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    let last = '';
    let number = 0;
    const timer = setInterval(() => {
        const over = ['done', 'failed', 'canceled'].includes(job.state);
        const now = JSON.stringify(over ? job : { ...job, result: null });
        if (now !== last) response.write(`id: ${++number}\nevent: ${over ? job.state : 'progress'}\ndata: ${now}\n\n`);
        last = now;
        if (over) response.end();
    }, 100);
    response.on('close', () => clearInterval(timer));
}

function file(response, path) {
    const name = join(page, normalize(path === '/' ? '/index.html' : path));
    if (!name.startsWith(page) || !existsSync(name) || !statSync(name).isFile())
        return problem(response, 404, 'not_found', 'There is no such file.');
    response.writeHead(200, {
        'Content-Type': types[extname(name)] ?? 'application/octet-stream',
        'Content-Security-Policy': policy,
        'X-Content-Type-Options': 'nosniff',
    });
    createReadStream(name).pipe(response);
}

serveLive(server, utterance);
server.listen(port, '127.0.0.1', () => console.log(`mock at http://127.0.0.1:${server.address().port}`));
