using Affekt.Media.Transcripts;
using Affekt.Models.Speech;
using Affekt.Models.Video;
using Affekt.Recognition.Persons;

namespace Affekt.Recognition;

/// <summary>Cuts a recording in memory into utterances, as <see cref="UtteranceReader"/> does with a file.</summary>
/// <param name="detector">Tells speech from pauses; null where nothing is to be cut there.</param>
/// <param name="request">What is asked.</param>
/// <param name="recording">The recording.</param>
/// <param name="wanted">The pictures that a model can use; null where none can.</param>
/// <param name="warnings">Gets what a reader of the result should know.</param>
internal sealed class MemoryReader(
    SpeechDetector? detector, RecognitionRequest request, MemoryRecording recording, FrameRequest? wanted, WarningList warnings)
{
    private const int LongestUncut = 30_000;

    // Pictures that show mouths, in ms: how far apart, and of how much of an utterance's middle.
    private const double CloserStep = 100;
    private const double LongestCloser = 6_000;

    /// <summary>The utterances in their order.</summary>
    /// <exception cref="ArgumentException">There is neither sound nor a picture nor a word, samples are far beyond [-1, 1], or pictures are not of the size that the model wants.</exception>
    public IEnumerable<UtteranceMaterial> Read()
    {
        if (recording.IsEmpty && string.IsNullOrWhiteSpace(request.Text) && request.Transcript is not { Count: > 0 })
            throw new ArgumentException("found neither a sample of sound nor a picture nor words, expected one of them", nameof(request));
        if (recording.Samples is { } sound)
            SampleScale.Check(sound.Span, nameof(request));
        return Stretches().Select(WithPictures);
    }

    private IEnumerable<UtteranceMaterial> Stretches()
    {
        if (request.Transcript is { Count: > 0 } lines)
            return lines[0].Time is null ? Placed(lines) : Timed(lines);
        string? text = string.IsNullOrWhiteSpace(request.Text) ? null : request.Text;
        return text is null && detector is not null && request.Segmentation is { } options && recording.Samples is { IsEmpty: false } sound
            ? Spoken(detector, options, sound)
            : [Stretch(0, recording.DurationMs, request.Speaker, text, text is null ? TextSource.None : TextSource.Given)];
    }

    private IEnumerable<UtteranceMaterial> Spoken(SpeechDetector speech, SegmentationOptions options, ReadOnlyMemory<float> sound)
    {
        List<(SpeechSegment Segment, float[])> found = UtteranceReader.Cut(speech, options, sound.Span);
        if (found.Count == 1 && recording.DurationMs <= LongestUncut)
            return [Stretch(0, recording.DurationMs, request.Speaker, null, TextSource.None)];
        if (found.Count > 0)
            return found.Select(cut => Stretch(Milliseconds(cut.Segment.Start), Milliseconds(cut.Segment.End), request.Speaker, null, TextSource.None) with { IsOneOfMany = true });
        warnings.Add(RecognitionWarning.NoSpeech, UtteranceReader.NobodySpeaks);
        return recording.Pictures is null
            ? []
            : [Stretch(0, recording.DurationMs, request.Speaker, null, TextSource.None) with { Sound = null, NoSound = "nobody speaks" }];
    }

    private IEnumerable<UtteranceMaterial> Placed(IReadOnlyList<SpokenLine> lines)
    {
        if (lines is [var only])
            return [Stretch(0, recording.DurationMs, only.Speaker ?? request.Speaker, only.Text, Source(only))];
        SpeechSegment[] speech = detector is not null && recording.Samples is { } sound
            ? [.. UtteranceReader.Cut(detector, request.Segmentation ?? new SegmentationOptions(), sound.Span).Select(cut => cut.Segment)]
            : [];
        warnings.Add(RecognitionWarning.TimesEstimated, UtteranceReader.Estimated);
        return Timed(LinePlacement.Place(lines, speech, TimeSpan.FromMilliseconds(recording.DurationMs)));
    }

    private IEnumerable<UtteranceMaterial> Timed(IReadOnlyList<SpokenLine> lines)
    {
        int past = 0;

        // A transcript that names some speakers means that the others have no name.
        bool named = lines.Any(line => line.Speaker is not null);
        foreach (SpokenLine line in lines)
        {
            int start = (int)line.Time!.Value.Start.TotalMilliseconds, end = (int)line.Time.Value.End.TotalMilliseconds;
            if (start >= recording.DurationMs)
                past++;
            else
                yield return Stretch(start, Math.Clamp(end, start + 1, recording.DurationMs), line.Speaker ?? request.Speaker, line.Text, Source(line)) with { IsOneOfMany = true, IsNamed = named };
        }

        warnings.AddPastEnd(past);
    }

    private UtteranceMaterial Stretch(int start, int end, string? speaker, string? text, TextSource source)
    {
        UtteranceMaterial material = new(start, end) { Speaker = speaker, Text = text, TextSource = source };
        if (recording.Samples is not { } all)
            return material with { NoSound = "There is no sound in the recording." };
        ReadOnlyMemory<float> sound = all[Sample(start)..Math.Max(Sample(start), end >= recording.DurationMs ? all.Length : Sample(end))];
        return material with
        {
            Sound = sound,
            UnusableSound = text is null ? null : UtteranceReader.Voiceless(detector, request.Segmentation, sound),
        };

        int Sample(int milliseconds) => (int)Math.Min((long)milliseconds * MemoryRecording.SampleRate / 1000, all.Length);
    }

    private UtteranceMaterial WithPictures(UtteranceMaterial material)
    {
        if (recording.Pictures is not { Count: > 0 } pictures)
            return material with { NoPictures = "There is no picture in the recording." };
        if (wanted is null)
            return material;
        if (wanted.Whole ? Math.Max(pictures.Width, pictures.Height) > wanted.Side : (pictures.Width, pictures.Height) != (wanted.Side, wanted.Side))
        {
            throw new ArgumentException(
                $"found pictures of {pictures.Width} x {pictures.Height}, expected {(wanted.Whole ? "sides of at most" : "squares of")} {wanted.Side} pixels");
        }

        // As from a file: of n pictures number k is what is on screen at start + (k + 0.5) * length / n.
        byte[] chosen = new byte[wanted.Count * 3 * pictures.Width * pictures.Height];
        for (int k = 0; k < wanted.Count; k++)
        {
            double at = material.StartMs + ((k + 0.5) * (material.EndMs - material.StartMs) / wanted.Count);
            int number = (int)Math.Clamp(at * pictures.Count / recording.DurationMs, 0, pictures.Count - 1);
            pictures.Picture(number).CopyTo(chosen.AsSpan(k * chosen.Length / wanted.Count));
        }

        return material with { Pictures = new VideoFrames(chosen, wanted.Count, pictures.Width, pictures.Height), Closer = () => Closer(material, pictures) };
    }

    // What there is of the utterance's middle, if that is more than is read anyway.
    private DensePictures? Closer(UtteranceMaterial material, VideoFrames pictures)
    {
        double length = Math.Min(LongestCloser, material.EndMs - material.StartMs), perMs = (double)pictures.Count / recording.DurationMs;
        double start = ((material.StartMs + material.EndMs - length) / 2 * perMs) - 0.5, every = Math.Max(1, CloserStep * perMs);
        int[] numbers = [.. Enumerable.Range(0, (int)(length * perMs / every)).Select(i => Math.Clamp((int)Math.Ceiling(start + (i * every)), 0, pictures.Count - 1)).Distinct()];
        if (numbers.Length <= wanted!.Count)
            return null;
        int size = 3 * pictures.Width * pictures.Height;
        byte[] rgb = new byte[numbers.Length * size];
        for (int i = 0; i < numbers.Length; i++)
            pictures.Picture(numbers[i]).CopyTo(rgb.AsSpan(i * size));
        return new DensePictures(new VideoFrames(rgb, numbers.Length, pictures.Width, pictures.Height), [.. numbers.Select(number => (number + 0.5) / perMs)], null);
    }

    private static TextSource Source(SpokenLine line) => line.Text is null ? TextSource.None : TextSource.Transcript;

    private static int Milliseconds(long samples) => (int)Math.Min(samples * 1000 / MemoryRecording.SampleRate, int.MaxValue);
}
