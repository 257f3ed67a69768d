export const emotions = ['neutral', 'joy', 'sadness', 'anger', 'fear', 'disgust', 'surprise'];

const lines = [
    [
        'Ross',
        'Oh my God, oh my God! You are not going to believe what just happened to me on the way here.',
        'surprise',
    ],
    ['Rachel', 'What happened?', 'neutral'],
    ['Ross', 'They called me from the museum. I got the job!', 'joy'],
    ['Rachel', 'That is wonderful, I am so happy for you!', 'joy'],
    ['Joey', 'Does that mean you are moving away?', 'sadness'],
    ['Ross', 'No. No, it is two blocks from here.', 'neutral'],
    ['Joey', 'Then who ate my sandwich? Because it is gone, and I am not laughing.', 'anger'],
    ['Rachel', 'It was blue, Joey. It had been in there since the spring.', 'disgust'],
    ['Joey', 'Is something going to happen to me?', 'fear'],
    ['Ross', 'Probably.', 'neutral'],
];

/** Seven probabilities around one emotion; the same number gives the same ones. */
export function probabilities(emotion, peak, seed) {
    const rest = emotions
        .filter(one => one !== emotion)
        .map((one, i) => [one, 1 + Math.abs(Math.sin(seed * 12.9 + i * 4.1)) * 3]);
    const sum = rest.reduce((total, [, share]) => total + share, 0);
    return Object.fromEntries(
        emotions.map(one => [
            one,
            one === emotion ? peak : ((1 - peak) * rest.find(([name]) => name === one)[1]) / sum,
        ]),
    );
}

export function utterance(index, startMs, speaker) {
    const [who, text, emotion] = lines[index % lines.length];
    const peak = 0.38 + 0.5 * Math.abs(Math.sin(index * 2.3 + 0.8));
    const pictured = index % 3 !== 1;
    return {
        start_ms: startMs,
        end_ms: startMs + 1200 + text.length * 45,
        speaker: speaker === undefined ? who : speaker,
        text,
        text_source: 'asr',
        emotion,
        confidence: peak,
        abstained: peak < 0.45,
        probabilities: probabilities(emotion, peak, index),
        modalities: {
            audio: { status: 'used', reason: null },
            text: { status: 'used', reason: null },
            video: pictured
                ? { status: 'used', reason: null }
                : { status: 'unusable', reason: 'no face in eight pictures' },
        },
        branches: {
            audio_text: {
                weight: pictured ? 0.7 : 1,
                probabilities: probabilities(emotion, Math.min(0.95, peak + 0.08), index + 3),
            },
            ...(pictured
                ? {
                      video: {
                          weight: 0.3,
                          probabilities: probabilities(index % 2 ? 'neutral' : emotion, 0.4, index + 5),
                      },
                  }
                : {}),
        },
        contribution: {
            audio: 0.05 * Math.sin(index),
            text: 0.1 + 0.4 * Math.abs(Math.cos(index)),
            video: pictured ? 0.08 * Math.cos(index) : 0,
        },
    };
}

export function recognition(file) {
    let at = 400;
    const utterances = lines.map((_, i) => {
        const one = utterance(i, at);
        at = one.end_ms + 350;
        return one;
    });
    return {
        schema: 'affekt.recognition/1',
        bundle: { name: 'starter', version: '0.1.0', hash: 'c0ffee'.repeat(10) + 'cafe' },
        input: { file, duration_ms: at + 500 },
        utterances,
        warnings: [
            {
                code: 'sound_alone',
                message: 'No words were given, so they were found by speech recognition, which makes mistakes.',
            },
        ],
        timing_ms: { decode: 310, encode: 2200, classify: 90, total: 2600 },
    };
}
