using System.Runtime.InteropServices;
using Affekt.Tests;

namespace Affekt.Media.Tests;

public sealed partial class OddFileTests : IDisposable
{
    private readonly TempMedia _media = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _media.Dispose();

    [Theory]
    [InlineData("a file with spaces.wav")]
    [InlineData("-i.wav")]
    [InlineData("été 你好 😀.wav")]
    [InlineData("100%d %03d.wav")]
    [InlineData("http:host:80.wav")]
    [InlineData("quote's \"and\" [x]*?;$(y)&.wav")]
    [InlineData("concat:a|b.wav")]
    public async Task Any_name_is_a_plain_file(string name)
    {
        string file = _media.WriteWav(name, 16_000, 1, new short[1600]);

        MediaInfo info = await TempMedia.Tools.ProbeAsync(file, Token);
        Sound sound = await TempMedia.Tools.ReadSoundAsync(info, cancellation: Token);

        Assert.Equal(1600, sound.Samples.Length);
        Assert.Equal(file, info.File);
    }

    [Fact]
    public async Task Probing_tells_what_a_clip_holds()
    {
        string file = _media.MakeClip("clip.mp4", 2, "-c:a", "aac", "-ac", "2", "-timecode", "01:00:00:00");

        MediaInfo info = await TempMedia.Tools.ProbeAsync(file, Token);

        Assert.InRange(info.Duration.TotalSeconds, 1.99, 2.1);
        Assert.Equal(new AudioStream(1, "aac", 2, 16_000, IsDefault: true), Assert.Single(info.AudioStreams));
        Assert.Equal(new VideoStream(0, "h264", 64, 48, 10, false, false, IsDefault: true), Assert.Single(info.VideoStreams));
    }

    [Theory]
    [InlineData("cover.m4a", "aac")]
    [InlineData("cover.mp3", "libmp3lame")]
    public async Task Cover_art_is_no_picture(string name, string codec)
    {
        string file = _media.Make(
            "-f", "lavfi", "-i", "sine=d=1", "-f", "lavfi", "-i", "testsrc=s=64x48:d=1", "-map", "0", "-map", "1",
            "-frames:v", "1", "-c:v", "mjpeg", "-c:a", codec, "-disposition:v", "attached_pic", name);

        MediaInfo info = await TempMedia.Tools.ProbeAsync(file, Token);
        Frames frames = await TempMedia.Tools.ReadFramesAsync(info, 2, cancellation: Token);
        Sound sound = await TempMedia.Tools.ReadSoundAsync(info, cancellation: Token);

        Assert.True(Assert.Single(info.VideoStreams).IsAttachedPicture);
        Assert.Null(info.Picture);
        Assert.True(frames.IsMissing);
        Assert.InRange(sound.Samples.Length, 15_800, 17_500);
    }

    [Fact]
    public async Task Aiff_named_wav_is_read_as_what_it_is()
    {
        _media.Make("-f", "lavfi", "-i", "sine=d=1", "sound.aiff");
        File.Move(_media.At("sound.aiff"), _media.At("sound.wav"));

        MediaInfo info = await TempMedia.Tools.ProbeAsync(_media.At("sound.wav"), Token);
        Sound sound = await TempMedia.Tools.ReadSoundAsync(info, cancellation: Token);

        Assert.Equal("aiff", info.Container);
        Assert.Equal(16_000, sound.Samples.Length);
    }

    [Fact]
    public async Task A_recording_that_does_not_state_its_length_is_measured()
    {
        string file = _media.MakeClip("live.webm", 2, "-c:v", "libvpx", "-c:a", "libopus", "-f", "webm", "-live", "1");

        MediaInfo info = await TempMedia.Tools.ProbeAsync(file, Token);

        Assert.InRange(info.Duration.TotalSeconds, 1.95, 2.1);
    }

    [Fact]
    public async Task A_clip_cut_off_gives_what_decodes_and_a_warning()
    {
        string file = CutOff(_media.MakeClip("clip.mp4", 4, "-c:a", "aac", "-movflags", "+faststart"), 0.6);

        MediaInfo info = await TempMedia.Tools.ProbeAsync(file, Token);
        Sound sound = await TempMedia.Tools.ReadSoundAsync(info, cancellation: Token);
        Frames frames = await TempMedia.Tools.ReadFramesAsync(info, 8, cancellation: Token);

        Assert.InRange(sound.Samples.Length, 8_000, 56_000);
        Assert.Contains(sound.Warnings, warning => warning.Code == MediaWarning.SoundEndsEarly);
        Assert.Equal(8, frames.Count);
        Assert.Contains(frames.Warnings, warning => warning.Code == MediaWarning.DecodeErrors);
    }

    [Fact]
    public async Task A_clip_cut_off_before_its_index_is_damaged() =>
        await AssertFailsAsync(CutOff(_media.MakeClip("clip.mp4", 1, "-c:a", "aac"), 0.5), MediaError.Damaged, "moov");

    [Theory]
    [InlineData("notes.mp4")]
    [InlineData("notes.mp3")]
    [InlineData("notes.wav")]
    [InlineData("notes.txt")]
    public async Task A_text_is_not_media_whatever_its_name(string name)
    {
        File.WriteAllText(_media.At(name), "Nothing to see or to hear.");

        await AssertFailsAsync(_media.At(name), MediaError.NotMedia, "a text file");
    }

    [Theory]
    [InlineData("\0\0\0\u0018ftypheic\0\0\0\0mif1heic\0\0\0\u0008free", MediaError.NotMedia, "a HEIC picture")]
    [InlineData("RIFF\u0016\0\0\0WEBPVP8X\n\0\0\0\u0002\0\0\0\u003f\0\0\u003f\0\0", MediaError.NotMedia, "an animated WebP picture")]
    [InlineData("II*\0\u0008\0\0\0\0\0\0\0\0\0", MediaError.NotMedia, "a picture of ffmpeg's type tiff_pipe")]
    [InlineData("\0\0\0\u0014ftypisom\0\0\u0002\0isom\0\0\0\u0008free\0\0\u0010\0mdat\u0001\u0002\u0003", MediaError.Damaged, "moov atom not found")]
    public async Task What_phones_and_cut_downloads_give_is_named(string bytes, MediaError kind, string found)
    {
        File.WriteAllBytes(_media.At("a"), System.Text.Encoding.Latin1.GetBytes(bytes));

        await AssertFailsAsync(_media.At("a"), kind, found);
    }

    [Fact]
    public async Task A_folder_is_not_media() => await AssertFailsAsync(_media.Folder, MediaError.NotMedia, "a folder");

    [Fact]
    public async Task An_empty_file_is_empty()
    {
        File.WriteAllBytes(_media.At("empty.mp4"), []);

        await AssertFailsAsync(_media.At("empty.mp4"), MediaError.Empty, "no bytes");
    }

    [Theory]
    [InlineData("absent.mp4")]
    [InlineData("absent/absent.mp4")]
    [InlineData("bad\0name.mp4")]
    public async Task A_missing_file_is_not_found(string name) =>
        await AssertFailsAsync(_media.Folder + "/" + name, MediaError.NotFound, "no such file");

    [Fact]
    public void A_file_without_permission_is_denied()
    {
        string file = _media.WriteWav("secret.wav", 16_000, 1, new short[10]);
        File.SetUnixFileMode(file, UnixFileMode.None);

        // Root may read everything; this thread gives that up for the moment of the call.
        int user = SetFileUser(65534);
        try
        {
            Assert.Equal(MediaError.Denied, Assert.Throws<MediaException>(() => MediaFile.Check(file)).Kind);
        }
        finally
        {
            _ = SetFileUser(user);
        }
    }

    [Fact]
    public async Task The_clip_with_six_channels_and_a_data_stream_gives_eight_frames_and_its_sound()
    {
        MediaInfo info = await TempMedia.Tools.ProbeAsync(TestPaths.Shared("data/clips/meld_train_dia1_utt0.mp4"), Token);

        Task<Sound> reading = TempMedia.Tools.ReadSoundAsync(info, cancellation: Token);
        Frames frames = await TempMedia.Tools.ReadFramesAsync(info, 8, cancellation: Token);
        Sound sound = await reading;

        Assert.Equal((1280, 720, false), (info.Picture!.Width, info.Picture.Height, info.Picture.IsVariableRate));
        Assert.Equal((6, 48_000), (info.Sound!.Channels, info.Sound.SampleRate));
        Assert.Equal((8, 224, 224), (frames.Count, frames.Width, frames.Height));
        Assert.InRange(sound.Samples.Length, 2.44 * Sound.SampleRate, 2.5 * Sound.SampleRate);
        Assert.Empty(sound.Warnings.Concat(frames.Warnings));
    }

    [Fact]
    public async Task The_clip_without_sound_gives_frames_and_no_sound()
    {
        MediaInfo info = await TempMedia.Tools.ProbeAsync(TestPaths.Shared("data/clips/noise_no_audio.mp4"), Token);

        Frames frames = await TempMedia.Tools.ReadFramesAsync(info, 8, cancellation: Token);

        Assert.Null(info.Sound);
        Assert.True((await TempMedia.Tools.ReadSoundAsync(info, cancellation: Token)).IsMissing);
        Assert.Equal(8, frames.Count);
    }

    [Fact]
    public async Task The_committed_sample_has_speech_and_a_picture()
    {
        MediaInfo info = await TempMedia.Tools.ProbeAsync(TestPaths.InRepository("samples/sample.mp4"), Token);

        Sound sound = await TempMedia.Tools.ReadSoundAsync(info, cancellation: Token);
        Frames frames = await TempMedia.Tools.ReadFramesAsync(info, 8, cancellation: Token);

        Assert.InRange(info.Duration.TotalSeconds, 3, 5);
        Assert.True(sound.Samples.Max() > 0.1);
        Assert.Equal(8, frames.Count);
        Assert.Empty(sound.Warnings.Concat(frames.Warnings));
    }

    private static string CutOff(string file, double share)
    {
        using FileStream stream = File.OpenWrite(file);
        stream.SetLength((long)(stream.Length * share));
        return file;
    }

    private static async Task AssertFailsAsync(string file, MediaError kind, string found)
    {
        MediaException error = await Assert.ThrowsAsync<MediaException>(() => TempMedia.Tools.ProbeAsync(file, Token));

        Assert.Equal(kind, error.Kind);
        Assert.Equal(file, error.File);
        Assert.Contains(found, error.Found);
    }

    [LibraryImport("libc", EntryPoint = "setfsuid")]
    private static partial int SetFileUser(int user);
}
