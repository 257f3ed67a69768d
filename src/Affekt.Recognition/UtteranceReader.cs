using System.Runtime.CompilerServices;
using Affekt.Media;
using Affekt.Media.Transcripts;
using Affekt.Models.Speech;
using Affekt.Models.Video;
using Affekt.Recognition.Persons;

namespace Affekt.Recognition;

/// <summary>Cuts one recording into utterances and reads what each of them needs.</summary>
/// <param name="media">What decodes.</param>
/// <param name="detector">Tells speech from pauses; null where nothing is to be cut there.</param>
/// <param name="request">The file, and what is known of it.</param>
/// <param name="readsSound">Whether a model can use sound.</param>
/// <param name="wanted">The pictures that a model can use; null where none can.</param>
/// <param name="warnings">Gets what a reader of the result should know.</param>
internal sealed class UtteranceReader(
    MediaTools media, SpeechDetector? detector, RecognitionRequest request, bool readsSound, FrameRequest? wanted,
    WarningList warnings)
{
    // Pictures in ms, where they show mouths move; and how many are read for one that a model wants, at most.
    private const double FarthestApart = 135;
    private const int MostOfEach = 7;

    private const string NoPicture = "The file has no picture.";
    private const string NoAudioStream = "The file has no audio stream.";
    private const int LeastJudged = Sound.SampleRate;
    internal const string Estimated = "The transcript has no times: they were estimated from the pauses and the length of the lines.";
    internal const string NobodySpeaks = "Nobody speaks in this recording, as far as the detector of speech can tell.";

    // As much as the encoders read at once: a recording of one utterance is heard whole, pauses at its ends included, as
    // the corpora's clips are.
    private static readonly TimeSpan _shortRecording = TimeSpan.FromSeconds(30);

    // Rarely more than one utterance, so that its pictures are read before that is known.
    private static readonly TimeSpan _shortClip = TimeSpan.FromSeconds(10);

    // Pictures that were spread over a length which is off by less are where they should be.
    private static readonly TimeSpan _near = TimeSpan.FromMilliseconds(250);

    private MediaInfo? _info;
    private (TimeSpan Length, Task<ReadPictures> Reading)? _ahead;

    // Whether pictures are read as close together as telling who speaks wants them: where several faces were seen before. Most recordings
    // show one, and are answered in half the time so.
    private bool _close;

    /// <summary>
    /// The file's length in ms; known once the first utterance is there, and never before the end of one. Where the file states a
    /// length that is wrong, it is right once all of it was read.
    /// </summary>
    public int DurationMs { get; private set; }

    /// <summary>The utterances in their order; the pictures of one may still be decoded (<see cref="UtteranceMaterial.Seeing"/>).</summary>
    /// <exception cref="MediaException">The file cannot be read.</exception>
    public async IAsyncEnumerable<UtteranceMaterial> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        using CancellationTokenSource abandoned = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task seeing = Task.CompletedTask;
        try
        {
            await foreach (UtteranceMaterial material in ReadHeardAsync(abandoned.Token).ConfigureAwait(false))
            {
                await seeing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                Task<UtteranceMaterial>? own = wanted is null ? null : WithPicturesAsync(material, wanted, abandoned.Token);
                seeing = own ?? seeing;
                yield return _info?.Picture is null ? material with { Seeing = own, NoPictures = NoPicture } : material with { Seeing = own };
            }
        }
        finally
        {
            await abandoned.CancelAsync().ConfigureAwait(false);
            await seeing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_ahead is { } left)
                await ((Task)left.Reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<UtteranceMaterial> WithPicturesAsync(
        UtteranceMaterial material, FrameRequest asked, CancellationToken cancellation)
    {
        if (_info!.Picture is null)
            return material with { NoPictures = NoPicture };
        TimeRange? range = material.StartMs == 0 && material.EndMs == DurationMs
            ? null
            : TimeRange.FromMilliseconds(material.StartMs, material.EndMs);
        try
        {
            ReadPictures read = await (
                range is null && _ahead is { } ahead && (ahead.Length - _info.Duration).Duration() <= _near
                ? ahead.Reading
                : ReadPicturesAsync(_info, range, asked, cancellation)).ConfigureAwait(false);
            _close = false;
            material = material with { PictureWarnings = read.Warnings };
            return read.Frames.Count > 0
                ? material with { Pictures = read.Frames.Every(read.Each), Closer = () => ReadCloser(material, read, asked, cancellation) }
                : material with { NoPictures = read.Warnings[^1].Message };
        }
        catch (MediaException e) when (e.Kind != MediaError.ToolMissing)
        {
            // What can be heard is answered all the same.
            return material with { NoPictures = e.Message };
        }
    }

    // The pictures of a model are spread evenly: of an odd number of times as many, each in the middle of so many is one of them.
    private async Task<ReadPictures> ReadPicturesAsync(MediaInfo info, TimeRange? range, FrameRequest asked, CancellationToken cancellation)
    {
        double length = (range is { } stretch ? stretch.Length : info.Duration).TotalMilliseconds;
        int each = (2 * (int)Math.Ceiling(((length / asked.Count / FarthestApart) - 1) / 2)) + 1;
        each = _close && each <= MostOfEach ? each : 1;
        (VideoFrames frames, IReadOnlyList<MediaWarning> found) = await UtteranceFrames.ReadAsync(
            media, info, range, asked with { Count = each * asked.Count }, cancellation).ConfigureAwait(false);
        return new ReadPictures(frames, each, found);
    }

    // About ten pictures a second show who speaks: those that were read already, or else of the middle.
    private DensePictures? ReadCloser(UtteranceMaterial material, ReadPictures read, FrameRequest asked, CancellationToken cancellation)
    {
        const double Step = 100, Longest = 6_000;
        _close = true;
        double length = material.EndMs - material.StartMs, start = material.StartMs;
        if (read.Each > 1 || length <= asked.Count * FarthestApart)
            return new DensePictures(read.Frames, Times(read.Frames.Count), null, read.Each);
        length = Math.Min(Longest, length);
        start = (material.StartMs + material.EndMs - length) / 2;
        int count = Math.Max(asked.Count, (int)(length / Step));
        try
        {
            (VideoFrames frames, _) = UtteranceFrames.ReadAsync(
                media, _info!, TimeRange.FromMilliseconds((int)start, (int)(start + length)), asked with { Count = count }, cancellation).GetAwaiter().GetResult();
            return frames.Count == 0 ? null : new DensePictures(frames, Times(frames.Count), null);
        }
        catch (MediaException)
        {
            return null;
        }

        IReadOnlyList<double> Times(int count) => [.. Enumerable.Range(0, count).Select(i => start + ((i + 0.5) * length / count))];
    }

    // Sound and pictures take about as long, and neither needs the other.
    private void ReadPicturesAhead(MediaInfo info, CancellationToken cancellation)
    {
        if (wanted is not null && info.Picture is not null)
            _ahead = (info.Duration, ReadPicturesAsync(info, null, wanted, cancellation));
    }

    private IAsyncEnumerable<UtteranceMaterial> ReadHeardAsync(CancellationToken cancellation)
    {
        string? text = string.IsNullOrWhiteSpace(request.Text) ? null : request.Text;
        if (request.Transcript is { Count: > 0 } lines)
        {
            return lines is [{ Time: null }]
                ? ReadWholeAsync(lines[0].Text, lines[0].Text is null ? TextSource.None : TextSource.Transcript, lines[0].Speaker ?? request.Speaker, cancellation)
                : ReadTranscriptAsync(lines, cancellation);
        }

        return text is null && detector is not null && request.Segmentation is not null
            ? ReadSpeechAsync(detector, request.Segmentation, cancellation)
            : ReadWholeAsync(text, text is null ? TextSource.None : TextSource.Given, request.Speaker, cancellation);
    }

    private async IAsyncEnumerable<UtteranceMaterial> ReadWholeAsync(
        string? text, TextSource source, string? speaker, [EnumeratorCancellation] CancellationToken cancellation)
    {
        (MediaInfo info, Sound? sound) = await DecodeWholeAsync(cancellation).ConfigureAwait(false);
        UtteranceMaterial material = Whole(info, sound) with { Speaker = speaker, Text = text, TextSource = source };
        yield return material with { UnusableSound = material.Sound is { } heard ? Voiceless(detector, request.Segmentation, heard) : null };
    }

    private async IAsyncEnumerable<UtteranceMaterial> ReadSpeechAsync(
        SpeechDetector speech, SegmentationOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        MediaInfo info = await ProbeAsync(cancellation).ConfigureAwait(false);
        if (info.Sound is null || !readsSound)
        {
            yield return Whole(info, null) with { Speaker = request.Speaker };
            yield break;
        }

        if (info.Duration <= _shortRecording)
        {
            if (info.Duration <= _shortClip)
                ReadPicturesAhead(info, cancellation);
            (info, Sound sound) = await media.ReadWholeSoundAsync(info, cancellation).ConfigureAwait(false);
            Learn(info);
            List<(SpeechSegment Segment, float[] Samples)> utterances = Cut(speech, options, sound.Samples);
            if (sound.IsMissing || (utterances.Count == 1 && info.Duration <= _shortRecording))
            {
                yield return Whole(info, sound) with { Speaker = request.Speaker };
                yield break;
            }

            warnings.Add(sound.Warnings);
            foreach ((SpeechSegment segment, float[] samples) in utterances)
                yield return Material(segment, samples);
            if (utterances.Count > 0)
                yield break;
            warnings.Add(RecognitionWarning.NoSpeech, NobodySpeaks);

            // A face that says nothing still shows something.
            if (wanted is not null && info.Picture is not null)
                yield return Whole(info, sound) with { Speaker = request.Speaker, Sound = null, NoSound = "nobody speaks" };
            yield break;
        }

        int found = 0;
        await foreach ((SpeechSegment segment, float[] samples) in CutAsync(speech, options, info, cancellation).ConfigureAwait(false))
        {
            found++;
            yield return Material(segment, samples);
        }

        if (found == 0)
            warnings.Add(RecognitionWarning.NoSpeech, NobodySpeaks);
    }

    private async IAsyncEnumerable<(SpeechSegment Segment, float[] Samples)> CutAsync(
        SpeechDetector speech, SegmentationOptions options, MediaInfo info, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using UtteranceCutter cutter = new(speech, options);
        SoundStream stream = media.OpenSound(info, cancellation);
        await using ConfiguredAsyncDisposable closing = stream.ConfigureAwait(false);
        while (await stream.ReadAsync(cancellation).ConfigureAwait(false) is { } block)
        {
            foreach ((SpeechSegment, float[]) ended in cutter.Hear(block))
                yield return ended;
        }

        if (cutter.Finish() is { } last)
            yield return last;
        warnings.Add(stream.Warnings);
        Learn(stream.Media);
    }

    private async IAsyncEnumerable<UtteranceMaterial> ReadTranscriptAsync(
        IReadOnlyList<SpokenLine> transcript, [EnumeratorCancellation] CancellationToken cancellation)
    {
        MediaInfo info = await ProbeAsync(cancellation).ConfigureAwait(false);
        if (transcript.Any(line => line.Time is { } time && time.End > info.Duration))
            Learn(info = await media.CountAsync(info, cancellation).ConfigureAwait(false));
        IReadOnlyList<SpokenLine> lines = transcript[0].Time is null
            ? await PlaceAsync(transcript, info, cancellation).ConfigureAwait(false)
            : transcript;
        bool hears = info.Sound is not null && readsSound;
        SoundStream? stream = hears ? media.OpenSound(info, cancellation) : null;
        await using ConfiguredAsyncDisposable closing = ((IAsyncDisposable?)stream ?? Stream.Null).ConfigureAwait(false);
        SoundWindow window = new();
        int past = 0;

        // A transcript that names some speakers means that the others have no name.
        bool named = lines.Any(line => line.Speaker is not null);
        foreach (SpokenLine line in lines)
        {
            int start = Milliseconds(line.Time!.Value.Start), end = Math.Max(start + 1, Milliseconds(line.Time.Value.End));
            if (stream is not null && start < DurationMs)
            {
                // Lines are in the order of their beginnings, so nothing before this one is asked for again.
                window.Forget(Samples(start));
                float[]? block = [];
                while (window.Read < Samples(Math.Min(end, DurationMs)) && (block = await stream.ReadAsync(cancellation).ConfigureAwait(false)) is not null)
                    window.Add(block);
                if (block is null)
                    Learn(stream.Media);
            }

            if (start >= DurationMs)
            {
                past++;
                continue;
            }

            end = Math.Min(end, DurationMs);
            ReadOnlyMemory<float> heard = stream is null ? ReadOnlyMemory<float>.Empty : window.Copy(Samples(start), Samples(end));
            yield return new UtteranceMaterial(start, end)
            {
                Speaker = line.Speaker ?? request.Speaker,
                IsOneOfMany = true,
                IsNamed = named,
                Text = line.Text,
                TextSource = line.Text is null ? TextSource.None : TextSource.Transcript,
                Sound = info.Sound is null ? null : (ReadOnlyMemory<float>?)heard,
                UnusableSound = Voiceless(detector, request.Segmentation, heard),
                NoSound = info.Sound is null ? NoAudioStream : null,
            };
        }

        warnings.AddPastEnd(past);
    }

    // Lines without times get a share of the speech by their length, cut at the pause that is nearest.
    private async Task<IReadOnlyList<SpokenLine>> PlaceAsync(
        IReadOnlyList<SpokenLine> lines, MediaInfo info, CancellationToken cancellation)
    {
        List<SpeechSegment> speech = [];
        if (detector is not null && info.Sound is not null)
        {
            await foreach ((SpeechSegment segment, _) in CutAsync(
                detector, request.Segmentation ?? new SegmentationOptions(), info, cancellation).ConfigureAwait(false))
                speech.Add(segment);
        }

        warnings.Add(RecognitionWarning.TimesEstimated, Estimated);
        return LinePlacement.Place(lines, speech, _info!.Duration);
    }

    private UtteranceMaterial Whole(MediaInfo info, Sound? sound)
    {
        Learn(info);
        UtteranceMaterial material = new(0, DurationMs);
        if (info.Sound is null)
            return material with { NoSound = NoAudioStream };

        // Without an encoder there is sound all the same, of which it is said that nothing reads it.
        if (sound is null)
            return material with { Sound = ReadOnlyMemory<float>.Empty };
        warnings.Add(sound.Warnings);
        return sound.IsMissing ? material with { NoSound = sound.Warnings[^1].Message } : material with { Sound = sound.Samples };
    }

    private UtteranceMaterial Material(SpeechSegment segment, float[] samples)
    {
        int end = Milliseconds(segment.End);
        DurationMs = Math.Max(DurationMs, end);
        return new UtteranceMaterial(Milliseconds(segment.Start), end) { Speaker = request.Speaker, IsOneOfMany = true, Sound = samples };
    }

    // What decoding gives counts, not what the file states.
    private void Learn(MediaInfo info)
    {
        if (info.Duration <= TimeSpan.Zero)
        {
            throw new MediaException(
                MediaError.Empty, request.File, "neither a sample of sound nor a picture", "a file with sound or pictures in it");
        }

        _info = info;
        DurationMs = Math.Max(1, Milliseconds(info.Duration));
    }

    // Words may stand over music or noise, which a model of voices would take for one. Of shorter sounds the detector cannot tell; of
    // long ones the middle is judged, which is what encoders read.
    internal static string? Voiceless(SpeechDetector? speech, SegmentationOptions? options, ReadOnlyMemory<float> sound)
    {
        if (speech is null || options is null || sound.Length < LeastJudged)
            return null;
        int read = Math.Min(sound.Length, (int)_shortRecording.TotalSeconds * Sound.SampleRate);
        return Cut(speech, options, sound.Span.Slice((sound.Length - read) / 2, read)).Count > 0
            ? null
            : "no voice in it, as far as the detector of speech can tell";
    }

    internal static List<(SpeechSegment Segment, float[] Samples)> Cut(
        SpeechDetector speech, SegmentationOptions options, ReadOnlySpan<float> samples)
    {
        using UtteranceCutter cutter = new(speech, options);
        List<(SpeechSegment, float[])> utterances = [.. cutter.Hear(samples)];
        if (cutter.Finish() is { } last)
            utterances.Add(last);
        return utterances;
    }

    private async Task<MediaInfo> ProbeAsync(CancellationToken cancellation)
    {
        MediaInfo info = request.Media ?? await media.ProbeAsync(request.File, cancellation).ConfigureAwait(false);
        info = request.AudioStream is { } number ? info.WithSound(number) : info;
        Learn(info);
        return info;
    }

    private async Task<(MediaInfo Media, Sound? Sound)> DecodeWholeAsync(CancellationToken cancellation)
    {
        if (request is { Media: null, AudioStream: null } && readsSound)
            return await media.ReadWholeSoundAsync(request.File, probed => ReadPicturesAhead(probed, cancellation), cancellation).ConfigureAwait(false);
        MediaInfo info = await ProbeAsync(cancellation).ConfigureAwait(false);
        ReadPicturesAhead(info, cancellation);
        return readsSound ? await media.ReadWholeSoundAsync(info, cancellation).ConfigureAwait(false) : (info, null);
    }

    private static int Milliseconds(TimeSpan time) => (int)Math.Min(Math.Round(time.TotalMilliseconds), int.MaxValue);

    private static int Milliseconds(long samples) => (int)Math.Min(samples * 1000 / Sound.SampleRate, int.MaxValue);

    private static long Samples(int milliseconds) => (long)milliseconds * Sound.SampleRate / 1000;

    // Of so many pictures a model wants the one in the middle.
    private sealed record ReadPictures(VideoFrames Frames, int Each, IReadOnlyList<MediaWarning> Warnings);
}
