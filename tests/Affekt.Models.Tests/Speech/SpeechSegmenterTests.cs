using Affekt.Models.Speech;

namespace Affekt.Tests.Speech;

public sealed class SpeechSegmenterTests
{
    private const int Chunk = SpeechDetector.Chunk;

    // 100 ms, as the default, in samples.
    private const int Margin = 1600;

    [Fact]
    public void Speech_between_pauses_is_an_utterance_with_a_margin_on_both_sides() =>
        Assert.Equal(
            [Segment(50, 100), Segment(150, 250)],
            Cut([.. Quiet(50), .. Speech(50), .. Quiet(50), .. Speech(100), .. Quiet(50)]));

    [Fact]
    public void A_short_pause_does_not_end_an_utterance_and_a_click_does_not_begin_one() =>
        Assert.Equal(
            [Segment(40, 100)],
            Cut([.. Quiet(20), .. Speech(3), .. Quiet(17), .. Speech(30), .. Quiet(10), .. Speech(20), .. Quiet(40)]));

    [Fact]
    public void A_probability_between_the_thresholds_goes_on_with_speech_and_does_not_begin_it()
    {
        float[] unsure = [.. Enumerable.Repeat(0.4f, 40)];

        Assert.Equal([Segment(60, 120)], Cut([.. Quiet(20), .. unsure, .. Speech(20), .. unsure, .. Quiet(40)]));
    }

    [Fact]
    public void Margins_of_neighbors_do_not_overlap()
    {
        SegmentationOptions options = new() { Pause = TimeSpan.FromMilliseconds(96), Margin = TimeSpan.FromMilliseconds(90) };

        List<SpeechSegment> found = Cut([.. Speech(20), .. Quiet(3), .. Speech(20), .. Quiet(20)], options);

        Assert.Equal(2, found.Count);
        Assert.Equal(found[0].End, found[1].Start);
    }

    [Fact]
    public void An_utterance_that_does_not_end_is_cut_at_the_quietest_place_of_its_second_half()
    {
        SegmentationOptions options = new() { Longest = TimeSpan.FromSeconds(3.2) };
        float[] probabilities = [.. Speech(70), 0.6f, .. Speech(79), .. Quiet(40)];

        Assert.Equal([new SpeechSegment(0, 70 * Chunk), new SpeechSegment(70 * Chunk, (150 * Chunk) + Margin)], Cut(probabilities, options));
    }

    [Fact]
    public void Speech_at_the_recordings_end_is_cut_off_there() =>
        Assert.Equal([new SpeechSegment((50 * Chunk) - Margin, 80 * Chunk)], Cut([.. Quiet(50), .. Speech(30)]));

    [Fact]
    public void What_is_settled_is_never_asked_for_again()
    {
        Random random = new(5);
        SpeechSegmenter segmenter = new(new SegmentationOptions { Longest = TimeSpan.FromSeconds(2) });
        long settled = 0;
        int found = 0;
        for (int i = 0; i < 5000; i++)
        {
            float probability = (i / 40 % 3) switch { 0 => 0.9f, 1 => random.NextSingle(), _ => 0.01f };
            foreach (SpeechSegment segment in segmenter.Take([probability]))
            {
                Assert.InRange(segment.Start, settled, segment.End - 1);
                found++;
            }

            Assert.InRange(segmenter.Settled, settled, (i + 1L) * Chunk);
            settled = segmenter.Settled;
        }

        Assert.InRange(found, 20, 200);
    }

    private static SpeechSegment Segment(int firstChunk, int chunkBehind) =>
        new((firstChunk * Chunk) - Margin, (chunkBehind * Chunk) + Margin);

    private static float[] Speech(int chunks) => [.. Enumerable.Repeat(0.95f, chunks)];

    private static float[] Quiet(int chunks) => [.. Enumerable.Repeat(0.02f, chunks)];

    private static List<SpeechSegment> Cut(float[] probabilities, SegmentationOptions? options = null)
    {
        SpeechSegmenter segmenter = new(options ?? new SegmentationOptions());
        List<SpeechSegment> segments = [.. segmenter.Take(probabilities)];
        if (segmenter.Finish((long)probabilities.Length * Chunk) is { } last)
            segments.Add(last);
        return segments;
    }
}
