using Affekt.Corpora;
using Affekt.Media;
using Affekt.Models;
using Affekt.Models.Bundles;
using Affekt.Models.Video;
using Affekt.Training.Evaluations;
using Affekt.Training.Recipes;

namespace Affekt.Training.Fusion;

/// <summary>
/// Asks both branches about dev utterances that are put together by label: MELD's text with its history, a RAVDESS sound and
/// a FER2013 face of the same emotion. Given the emotion, the parts of such a pair know nothing of each other, which flatters
/// every fusion; and every face shows its label, which real faces do not. Of the pairs to train on, a share therefore gets a
/// face at random.
/// </summary>
internal sealed class LabelPairs(FusionRecipe recipe, Bundle bundle, IProgress<TrainingProgress> progress, CancellationToken cancellation)
{
    private readonly Random _random = new(recipe.PairSeed);
    private readonly List<AnsweredPair> _pairs = [];

    /// <summary>All corpora that pairs are made of, as far as a recipe names them.</summary>
    internal static IReadOnlyList<Corpus> Corpora(FusionRecipe recipe) =>
    [
        MeldCorpus.Read(recipe.Resolve(recipe.Meld!)), RavdessCorpus.Read(recipe.Resolve(recipe.Ravdess!)),
        Fer2013Corpus.Read(recipe.Resolve(recipe.Fer2013!)),
        .. recipe.Tess is null ? (Corpus[])[] : [TessCorpus.Read(recipe.Resolve(recipe.Tess))],
    ];

    public IReadOnlyList<AnsweredPair> Make()
    {
        DrawPool<FrameFeatures> faces = DrawPool.OfFaces(recipe, new FusionFaces(recipe.Fer2013!), bundle, "fer2013", progress, cancellation);
        Corpus ravdess = RavdessCorpus.Read(recipe.Resolve(recipe.Ravdess!));
        List<(Utterance Utterance, float[] Features, int DurationMs)> heard = Sounds(
            ravdess.In(Split.Dev).SelectMany(dialogue => dialogue.Utterances));

        // One dev actor's sounds are trained on, the other's are held out.
        string?[] actors = [.. heard.Select(sound => sound.Utterance.Speaker).Distinct().Order(StringComparer.Ordinal)];
        DrawPool<float[]> sounds = new("ravdess");
        foreach ((Utterance utterance, float[] features, _) in heard)
            sounds.Add(IsHeld(utterance.Speaker), utterance.Label!.Value, features);

        Dialogues(MeldCorpus.Read(recipe.Resolve(recipe.Meld!)).In(Split.Dev), sounds, faces);
        AddSounds("ravdess sound + faces", heard, utterance => IsHeld(utterance.Speaker), faces);
        if (recipe.Tess is not null)
        {
            Corpus tess = TessCorpus.Read(recipe.Resolve(recipe.Tess));
            AddSounds("tess sound + faces", Sounds(tess.Utterances), _ => true, faces);
        }

        return _pairs;

        bool IsHeld(string? actor) => Array.IndexOf(actors, actor) % 2 == 1;
    }

    private void Dialogues(IEnumerable<Dialogue> dialogues, DrawPool<float[]> sounds, DrawPool<FrameFeatures> faces)
    {
        int width = bundle.TextEncoder.Width;
        foreach ((int number, Dialogue dialogue) in dialogues.Index())
        {
            cancellation.ThrowIfCancellationRequested();
            bool held = number % 2 == 1;
            IReadOnlyList<MetadataFeatures> metadata = CorpusMetadata.Follow(bundle.Metadata, dialogue);
            float[] words = bundle.TextEncoder.Encode([.. dialogue.Utterances.Select(u => bundle.TextEncoder.Tokenize(u.Text ?? ""))]);

            UtteranceFeatures[] features =
            [
                .. dialogue.Utterances.Select((utterance, i) => new UtteranceFeatures(
                    words.AsSpan(i * width, width).ToArray(),
                    utterance.Label is { } label ? sounds.TryDraw(held, label, _random) : null,
                    metadata[i])
                {
                    Frames = utterance.Label is { } shown ? Face(faces, held, shown) : null,
                }),
            ];
            Follow("text + faces", features.Select(f => f.Keep(text: true, audio: false, video: true)));
            Follow("sound + faces", features.Select(f => f.Keep(text: false, audio: true, video: true)));
            Follow("text, sound + faces", features);

            void Follow(string set, IEnumerable<UtteranceFeatures> given)
            {
                using DialogueMemory memory = new(bundle);
                foreach ((int i, UtteranceFeatures utterance) in given.Index())
                {
                    if (memory.Next(utterance) is { } answer && dialogue.Utterances[i].Label is { } truth)
                        Add($"meld {set}", held, dialogue.Utterances[i], truth, answer);
                }
            }
        }
    }

    private void AddSounds(
        string set, List<(Utterance Utterance, float[] Features, int DurationMs)> sounds, Func<Utterance, bool> isHeld,
        DrawPool<FrameFeatures> faces)
    {
        foreach ((Utterance utterance, float[] features, int durationMs) in sounds)
        {
            using DialogueMemory memory = new(bundle);
            bool held = isHeld(utterance);
            int truth = utterance.Label!.Value;
            UtteranceFeatures heard = new(null, features, new MetadataTracker(bundle.Metadata).Next(null, durationMs))
            {
                Frames = Face(faces, held, truth),
            };
            Add(set, held, utterance, truth, memory.Ask(heard)!);
        }
    }

    private void Add(string set, bool held, Utterance utterance, int truth, UtteranceAnswer answer)
    {
        if (answer is { AudioText: { } audioText, Video: { } video })
            _pairs.Add(new AnsweredPair(set, held, utterance.Id, utterance.Dialogue, truth, audioText.Evidence, video.Probabilities));
    }

    private FrameFeatures? Face(DrawPool<FrameFeatures> faces, bool held, int truth)
    {
        bool atRandom = !held && _random.NextDouble() < recipe.Mismatch;
        return faces.TryDraw(held, atRandom ? _random.Next(Emotions.Count) : truth, _random);
    }

    private List<(Utterance Utterance, float[] Features, int DurationMs)> Sounds(IEnumerable<Utterance> utterances)
    {
        Utterance[] labeled = [.. utterances.Where(utterance => utterance is { Media: not null, Label: not null })];
        SoundFeatures reader = new(MediaTools.Find(), samples => bundle.AudioEncoder!.Encode(samples), new EvaluationOptions());
        Dictionary<string, EncodedSound> encoded = reader.ReadAsync(labeled, null, cancellation).GetAwaiter().GetResult();
        return
        [
            .. labeled.Where(utterance => encoded[utterance.Id].Features.Values is not null)
                .Select(utterance => (utterance, encoded[utterance.Id].Features.Values!, encoded[utterance.Id].DurationMs ?? 0)),
        ];
    }
}
