using System.Text.Json;
using Affekt.Media;
using Affekt.Models;
using Affekt.Models.Packages;
using Affekt.Models.Speech;
using Affekt.Tests.Audio;

namespace Affekt.Tests.Speech;

/// <summary>Against ONNX Runtime on the published graph; see make_silero.mjs beside the fixture.</summary>
public sealed class SpeechDetectorTests
{
    private const double Tolerance = 1e-4;

    [Theory]
    [InlineData("synthetic")]
    [InlineData("clips/meld_test_dia0_utt0.wav")]
    [InlineData("ravdess/03-01-05-01-01-01-01.flac")]
    public async Task The_probabilities_are_those_of_ONNX_Runtime(string clip)
    {
        using SpeechDetector detector = await LoadAsync();
        using SpeechDetector.Listener listener = detector.Listen();

        float[] found = listener.Hear(await SamplesAsync(clip));

        using JsonDocument expected = JsonDocument.Parse(await File.ReadAllTextAsync(
            Stored.Fixture("silero/silero.json"), TestContext.Current.CancellationToken));
        Stored.Close([.. expected.RootElement.GetProperty(clip).EnumerateArray().Select(value => value.GetSingle())], found, Tolerance);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(511)]
    [InlineData(16_000)]
    public async Task Pieces_of_any_size_give_the_same(int size)
    {
        using SpeechDetector detector = await LoadAsync();
        float[] sound = SyntheticSound.Make()[..(8 * 512)];
        List<float> found = [];
        float[] whole;
        using (SpeechDetector.Listener pieces = detector.Listen(), once = detector.Listen())
        {
            for (int at = 0; at < sound.Length; at += size)
                found.AddRange(pieces.Hear(sound.AsSpan(at, Math.Min(size, sound.Length - at))));
            whole = once.Hear(sound);
        }

        Assert.Equal(8, whole.Length);
        Stored.Close(whole, [.. found], 1e-5);
    }

    [Fact]
    public async Task Another_network_is_refused_by_name()
    {
        string moonshine = await MoonshineFile.PathAsync();

        ModelException error = Assert.Throws<ModelException>(() => SpeechDetector.Load(moonshine));

        Assert.Contains("Silero VAD 5", error.Message);
    }

    internal static async Task<SpeechDetector> LoadAsync() =>
        SpeechDetector.Load(Path.Combine(await PackageFiles.FolderAsync(WeightPackages.Silero), WeightPackages.SileroDetector));

    private static async Task<float[]> SamplesAsync(string clip)
    {
        if (clip == "synthetic")
            return SyntheticSound.Make();
        (_, Sound sound) = await MediaTools.Find().ReadWholeSoundAsync(
            TestPaths.Shared($"data/{clip}"), TestContext.Current.CancellationToken);
        return sound.Samples;
    }
}
