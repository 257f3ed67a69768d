import { WebSocketServer } from 'ws';
import { emotions, probabilities } from './answers.mjs';

/** Live sessions that answer to the sound's clock: four seconds of speech, one of silence. */
export function serveLive(server, utterance) {
    const sockets = new WebSocketServer({ noServer: true });
    const sessions = new Map();
    server.on('upgrade', (request, socket, head) => {
        if (!request.url.startsWith('/v1/live')) return socket.destroy();
        sockets.handleUpgrade(request, socket, head, opened => greet(opened));
    });

    function greet(socket) {
        socket.once('message', data => {
            const hello = JSON.parse(String(data));
            let session = hello.resume && sessions.get(hello.resume.session);
            if (hello.resume && !session) return socket.close(4404);
            session ??= {
                id: Math.random().toString(36).slice(2),
                seq: 0,
                audio: 0,
                video: 0,
                at: 0,
                said: 0,
                since: 0,
                speaker: hello.speaker,
                paused: false,
            };
            sessions.set(session.id, session);
            socket.send(
                JSON.stringify({
                    type: 'welcome',
                    session: session.id,
                    resume_ms: 30_000,
                    update_ms: 500,
                    max_picture_bytes: 2 ** 20,
                    received: { audio_seq: session.audio, video_seq: session.video },
                }),
            );
            run(socket, session);
        });
    }

    function run(socket, session) {
        const send = message => socket.send(JSON.stringify({ ...message, seq: ++session.seq }));
        const timer = setInterval(() => {
            if (session.paused || session.at === 0) return;
            const phase = session.at % 5000;
            const speaking = phase < 4000;
            const next = utterance(session.said, session.since, session.speaker);
            if (!speaking && session.since >= 0) {
                send({ type: 'utterance', utterance: { ...next, end_ms: session.at } });
                session.said++;
                session.since = -1;
            } else if (speaking && session.since < 0) session.since = session.at;
            const peak = Math.min(next.confidence, 0.2 + phase / 6000);
            const words = next.text.split(' ');
            const modality = (emotion, share) => ({
                status: 'used',
                reason: null,
                probabilities: probabilities(emotion, share, session.said + phase / 9000),
            });
            send({
                type: 'update',
                at_ms: session.at,
                speaking_since_ms: speaking ? session.since : null,
                probabilities: speaking ? probabilities(next.emotion, peak, session.said + phase / 9000) : null,
                emotion: speaking ? next.emotion : null,
                confidence: peak,
                modalities: {
                    audio: speaking
                        ? modality(emotions[session.said % 7], 0.3)
                        : { status: 'unusable', reason: 'silence', probabilities: null },
                    text: speaking
                        ? modality(next.emotion, peak)
                        : { status: 'missing', reason: 'no words yet', probabilities: null },
                    video: { status: 'missing', reason: 'no branch in this bundle', probabilities: null },
                },
                faces:
                    session.video > 0
                        ? [
                              {
                                  x: 0.36 + 0.02 * Math.sin(session.at / 700),
                                  y: 0.18,
                                  width: 0.26,
                                  height: 0.44,
                                  score: 0.93,
                              },
                          ]
                        : [],
                text: speaking ? words.slice(0, Math.ceil((words.length * phase) / 4000)).join(' ') : null,
                speaker: session.speaker,
                latency_ms: 90 + 30 * Math.sin(session.at / 900),
            });
        }, 250);
        socket.on('message', (data, binary) => {
            if (binary) {
                const seq = data.readUInt32LE(4);
                session.at = Math.max(session.at, data.readDoubleLE(8) + 100);
                if (data[0] === 1) session.audio = seq;
                else session.video = seq;
                return;
            }
            const message = JSON.parse(String(data));
            if (message.type === 'speaker') session.speaker = message.speaker;
            if (message.type === 'pause') session.paused = true;
            if (message.type === 'resume') session.paused = false;
            if (message.type === 'stop') socket.close(1000);
        });
        socket.on('close', () => clearInterval(timer));
    }
}
