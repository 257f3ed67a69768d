namespace Affekt.Media;

/// <content>How long a file is, where what it states is in doubt.</content>
public sealed partial class MediaTools
{
    // A file whose length is so far from what it states cannot be trusted to tell where a time lies either.
    private static readonly TimeSpan _leastJump = TimeSpan.FromSeconds(1);

    // A single one stays as long as its container says, which may be not at all.
    private static readonly TimeSpan _onePicture = TimeSpan.FromMilliseconds(40);

    /// <summary>
    /// Counts a file's length from what it holds, without decoding it. Costs a reading of the whole file; nothing where it was counted
    /// already.
    /// </summary>
    /// <param name="media">The probed file.</param>
    /// <param name="cancellation">Ends the tool.</param>
    /// <returns>The file with the length that was counted.</returns>
    public async Task<MediaInfo> CountAsync(MediaInfo media, CancellationToken cancellation = default) => media.IsCounted
        ? media
        : await CountAsync(media, await MediaFile.CheckAsync(media.File, _options.Timeout, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);

    private async Task<MediaInfo> CountAsync(MediaInfo media, string path, CancellationToken cancellation)
    {
        int[] streams = [.. media.Picture is { } picture ? [picture.Index] : Array.Empty<int>(), .. media.AudioStreams.Select(stream => stream.Index)];
        if (streams.Length == 0)
            return media;
        IReadOnlyDictionary<int, TimeSpan> ends = new Dictionary<int, TimeSpan>();
        ToolResult result = await ToolProcess.RunAsync(
            _ffmpeg,
            media.File,
            ToolArguments.PacketTimes(path, streams),
            _options.Timeout,
            async output => ends = await PipeReader.ReadEndsAsync(output).ConfigureAwait(false),
            cancellation).ConfigureAwait(false);
        if (ends.Count == 0 && result.ExitCode != 0)
            return media.Duration > TimeSpan.Zero ? media : throw ToolFailure.ToOpen(media.File, result);
        TimeSpan end = ends.Values.DefaultIfEmpty().Max();
        if (end == TimeSpan.Zero && ends.Count > 0)
            end = _onePicture;

        // Some containers count their length from zero, wherever their clock begins.
        TimeSpan off = media.Duration > TimeSpan.Zero
            ? new[] { media.Duration - end, media.Duration - media.ClockStart - end }.Min(difference => difference.Duration())
            : TimeSpan.Zero;
        return media with
        {
            Duration = end,
            IsCounted = true,
            IsReadFromStart = media.IsReadFromStart || off > _leastJump,
            SoundEnd = media.Sound is { } sound && ends.TryGetValue(Array.IndexOf(streams, sound.Index), out TimeSpan soundEnd) ? soundEnd : null,
        };
    }

    /// <summary>The file as it was found to be when all of its sound was decoded.</summary>
    private async Task<MediaInfo> SettleAsync(
        MediaInfo media, long samples, List<MediaWarning> warnings, CancellationToken cancellation)
    {
        TimeSpan heard = TimeSpan.FromSeconds((double)samples / Sound.SampleRate);
        TimeSpan stated = media.Duration;
        bool isStated = !media.IsCounted;
        if (media.Picture is null)
            media = media with { Duration = heard, IsCounted = true, SoundEnd = media.SoundEnd ?? heard };
        else if (samples > 0 && isStated && (heard - media.StatedEnds.GetValueOrDefault(media.Sound!.Index, stated)).Duration() > _endTolerance)
            media = await CountAsync(media, cancellation).ConfigureAwait(false);
        TimeSpan missing = isStated && stated - media.Duration > _endTolerance ? stated - media.Duration : (media.SoundEnd - heard) ?? TimeSpan.Zero;
        if (samples > 0 && missing > _endTolerance)
        {
            warnings.Add(new MediaWarning(
                MediaWarning.SoundEndsEarly,
                FormattableString.Invariant($"The sound ends {missing.TotalSeconds:0.0} s before the file says that it does.")));
        }

        return media.Duration < heard ? media with { Duration = heard } : media;
    }
}
