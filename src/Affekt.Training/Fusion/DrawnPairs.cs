using Affekt.Corpora;
using Affekt.Media;
using Affekt.Models;
using Affekt.Models.Bundles;
using Affekt.Models.Video;
using Affekt.Training.Evaluations;
using Affekt.Training.Recipes;

namespace Affekt.Training.Fusion;

/// <summary>
/// Utterances composed as people show emotions, since no corpus here has words, sound and picture: somebody means an
/// emotion; a clip of CREMA-D with that meaning tells what viewers see in the face and hear in the voice, so that what is clear in one
/// is more often clear in the other; and a face and a voice that show it are drawn from corpora. Words mostly are plain. Speakers, faces
/// and dialogues of one half are drawn to train on, those of the other to measure on.
/// </summary>
internal sealed class DrawnPairs(FusionRecipe recipe, Bundle bundle, IProgress<TrainingProgress> progress, CancellationToken cancellation)
{
    private readonly Random _random = new(recipe.PairSeed);

    /// <summary>What utterances are drawn from.</summary>
    internal static IReadOnlyList<Corpus> Corpora(FusionRecipe recipe) =>
    [
        MeldCorpus.Read(recipe.Resolve(recipe.Meld!)), .. recipe.Voices.Select(voices => Read(recipe, voices)),
        .. recipe.Faces.Select(faces => Fer2013Corpus.Read(recipe.Resolve(faces.Root))),
    ];

    /// <summary>As many of each emotion, half of them held out, for the voices of each corpus.</summary>
    public IReadOnlyList<AnsweredPair> Make()
    {
        HumanVotes votes = HumanVotes.Of(recipe);
        DrawPool<float[]> words = Words();
        DrawPool<float[]> plain = Plain();
        IReadOnlyList<DrawPool<FrameFeatures>> faces = [.. recipe.Faces.Select(seen => DrawPool.OfFaces(recipe, seen, bundle, "faces", progress, cancellation))];
        List<AnsweredPair> pairs = [];
        foreach (FusionVoices voices in recipe.Voices)
        {
            DrawPool<float[]> sounds = Sounds(voices);
            for (int i = 0; i < recipe.Draws; i++)
            {
                foreach (Emotion truth in Enum.GetValues<Emotion>())
                {
                    cancellation.ThrowIfCancellationRequested();
                    bool held = i % 2 == 1;
                    if (sounds.Has(held, truth))
                        pairs.Add(Draw(voices.Name, held, truth, $"{truth.Label()} {i}", votes, words, plain, sounds, faces));
                }
            }

            progress.Report(new TrainingProgress($"pairs with voices of {voices.Name}", 1, 1, 1, 1, double.NaN, double.NaN));
        }

        return pairs;
    }

    private AnsweredPair Draw(
        string set, bool held, Emotion truth, string id, HumanVotes votes, DrawPool<float[]> words, DrawPool<float[]> plain,
        DrawPool<float[]> sounds, IReadOnlyList<DrawPool<FrameFeatures>> faces)
    {
        Emotion voice, face;
        do
        {
            (voice, face) = votes.Draw(truth, _random);

            // An actor's emotion is what was meant, and not always what is heard: then the corpus holds the confusion already.
            if (_random.NextDouble() < recipe.MeantVoices)
                voice = truth;
        }
        while (!sounds.Has(held, voice));
        double wordsSay = _random.NextDouble();
        float[] text = wordsSay < recipe.PlainWords
            ? (_random.Next(2) == 0 ? plain.Draw(held, Emotion.Neutral, _random) : words.Draw(held, Emotion.Neutral, _random))
            : words.Draw(held, wordsSay < recipe.PlainWords + recipe.OtherWords ? (Emotion)_random.Next(Emotions.Count) : truth, _random);
        UtteranceFeatures utterance = new(text, sounds.Draw(held, voice, _random), new MetadataTracker(bundle.Metadata).Next(null, null))
        {
            Frames = faces[_random.Next(faces.Count)].Draw(held, face, _random),
        };
        using DialogueMemory memory = new(bundle), branches = DialogueMemory.OfBranches(bundle);
        (double[]? ofText, double[]? ofAudio, double[]? ofVideo) = memory.AskExperts(utterance);
        return new AnsweredPair(set, held, id, id, (int)truth, branches.Ask(utterance)!.AudioText!.Evidence, ofVideo!)
        {
            Text = ofText,
            Audio = ofAudio,
        };
    }

    // Single utterances: an unknown clip has no history.
    private DrawPool<float[]> Words()
    {
        DrawPool<float[]> pool = new("words");
        foreach ((int number, Dialogue dialogue) in MeldCorpus.Read(recipe.Resolve(recipe.Meld!)).In(Split.Dev).Index())
        {
            Utterance[] spoken = [.. dialogue.Utterances.Where(utterance => utterance is { Text: not null, Label: not null })];
            foreach ((Utterance utterance, float[] features) in spoken.Zip(Encode([.. spoken.Select(utterance => utterance.Text!)])))
                pool.Add(number % 2 == 1, utterance.Label!.Value, features);
        }

        return pool;
    }

    private DrawPool<float[]> Plain()
    {
        DrawPool<float[]> pool = new("plain words");
        foreach ((int number, float[] features) in Encode(recipe.PlainTexts).Index())
            pool.Add(number % 2 == 1, (int)Emotion.Neutral, features);
        return pool;
    }

    private IReadOnlyList<float[]> Encode(IReadOnlyList<string> texts)
    {
        cancellation.ThrowIfCancellationRequested();
        if (texts.Count == 0)
            return [];
        int width = bundle.TextEncoder.Width;
        float[] all = bundle.TextEncoder.Encode([.. texts.Select(text => bundle.TextEncoder.Tokenize(text))]);
        return [.. Enumerable.Range(0, texts.Count).Select(i => all.AsSpan(i * width, width).ToArray())];
    }

    // Every other speaker is held out.
    private DrawPool<float[]> Sounds(FusionVoices voices)
    {
        Utterance[] labeled = [.. Read(recipe, voices).Utterances.Where(utterance => utterance is { Media: not null, Label: not null }
            && utterance.Split.Name() == voices.Split)];
        string?[] speakers = [.. labeled.Select(utterance => utterance.Speaker).Distinct().Order(StringComparer.Ordinal)];
        Dictionary<string, EncodedSound> encoded = (recipe.Features is { } store
            ? new StoredInputs(new StoredFeatures(recipe.Resolve(store), Precision.Float32), labeled, null).SoundsAsync(bundle, labeled, cancellation)
            : new SoundFeatures(MediaTools.Find(), samples => bundle.AudioEncoder!.Encode(samples), new EvaluationOptions())
                .ReadAsync(labeled, null, cancellation)).GetAwaiter().GetResult();
        DrawPool<float[]> pool = new(voices.Name);
        foreach (Utterance utterance in labeled)
        {
            if (encoded[utterance.Id].Features.Values is { } features)
                pool.Add(Array.IndexOf(speakers, utterance.Speaker) % 2 == 1, utterance.Label!.Value, features);
        }

        return pool;
    }

    private static Corpus Read(FusionRecipe recipe, FusionVoices voices)
    {
        string root = recipe.Resolve(voices.Root);
        return File.Exists(root) ? Manifest.Read(root) : RavdessCorpus.Read(root);
    }
}

/// <summary>Things to draw from, by half and label.</summary>
/// <param name="name">What they are, for messages.</param>
internal sealed class DrawPool<T>(string name)
    where T : class
{
    private readonly Dictionary<(bool Held, int Label), List<T>> _things = [];

    public void Add(bool held, int label, T thing)
    {
        if (!_things.TryGetValue((held, label), out List<T>? those))
            _things.Add((held, label), those = []);
        those.Add(thing);
    }

    public bool Has(bool held, Emotion emotion) => _things.ContainsKey((held, (int)emotion));

    /// <summary>One of those, drawn with replacement; null where there are none.</summary>
    public T? TryDraw(bool held, int label, Random random) =>
        _things.TryGetValue((held, label), out List<T>? those) ? those[random.Next(those.Count)] : null;

    /// <summary>One of those, drawn with replacement.</summary>
    /// <exception cref="RecipeException">There are none.</exception>
    public T Draw(bool held, Emotion emotion, Random random) => TryDraw(held, (int)emotion, random)
        ?? throw new RecipeException(name, emotion.Label(), "none", "some in each half");
}

internal static class DrawPool
{
    /// <summary>The faces of a folder that can be used, without those of the training split.</summary>
    public static DrawPool<FrameFeatures> OfFaces(
        FusionRecipe recipe, FusionFaces seen, Bundle bundle, string field, IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        if (bundle.VideoEncoder is not FaceEncoder encoder)
            throw new RecipeException(recipe.File, field, "faces, for a video branch that reads no faces", "a corpus with all modalities");
        string root = recipe.Resolve(seen.Root);
        Utterance[] faces = [.. Fer2013Corpus.Read(root).Utterances.Where(face => face.Split != Split.Train)];
        Dictionary<string, FrameFeatures> features = StillFaces.ReadAsync(root, faces, encoder, null, cancellation).GetAwaiter().GetResult();
        DrawPool<FrameFeatures> pool = new(seen.Root);
        foreach ((int number, Utterance face) in faces.Index())
        {
            if (features[face.Id] is { Values: not null } usable)
                pool.Add(IsHeld(seen.By, number, face.Id), face.Label!.Value, usable);
        }

        progress.Report(new TrainingProgress($"faces of {Path.GetFileName(seen.Root)}", 1, 1, 1, 1, double.NaN, double.NaN));
        return pool;
    }

    // Faces that come from a search are of anybody; elsewhere a name's first or last digits are the film's or the person's.
    private static bool IsHeld(string by, int number, string id)
    {
        string[] digits = [.. Path.GetFileNameWithoutExtension(id).Split('-', '_').Where(part => part.Length > 0 && part.All(char.IsAsciiDigit))];
        if (by == FusionFaces.Index || digits.Length == 0)
            return number % 2 == 1;
        string named = by == FusionFaces.First ? digits[0] : digits[^1];
        return (named[^1] - '0') % 2 == 1;
    }
}
