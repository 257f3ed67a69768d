using Affekt.Cli.Benchmarks.Encoders;
using Affekt.Models.Text;
using Affekt.Tests;

namespace Affekt.Cli.Tests.Benchmarks;

public sealed class EncoderWorksTests
{
    private static readonly WordPieceVocabulary s_vocabulary =
        WordPieceVocabulary.Load(TestPaths.InRepository("bundles/starter/text-encoder/vocab.txt"));

    [Fact]
    public void The_streams_are_as_long_as_the_lengths_say_in_tokens_and_samples()
    {
        UtteranceLengths lengths = new([3, 17, 5], [400, 1250, 377]);

        IReadOnlyList<EncoderWork> works = EncoderWorks.Make([EncoderWorks.TextStream, EncoderWorks.SoundStream], lengths, s_vocabulary);

        Assert.Equal([3, 17, 5], works[0].Inputs.Select(input => input.Length));
        Assert.Equal([1, 15, 3], works[0].Texts!.Select(text => text.Split(' ').Length));
        Assert.Equal([6400, 20000, 6032], works[1].Inputs.Select(input => input.Length));
    }

    [Fact]
    public void A_work_is_the_same_alone_and_among_all()
    {
        UtteranceLengths lengths = new([4], [300]);
        string name = EncoderWorks.Names[^1];

        EncoderWork alone = Assert.Single(EncoderWorks.Make([name], lengths, s_vocabulary));
        EncoderWork among = EncoderWorks.Make([.. EncoderWorks.Names], lengths, s_vocabulary).Single(work => work.Name == name);

        Assert.Equal("hubert-base 8x3 s", name);
        Assert.Equal((8, 48000), (alone.Inputs[0].Rows, alone.Inputs[0].Length));
        Assert.Equal(among.Inputs[0].Sound, alone.Inputs[0].Sound);
    }

    [Fact]
    public void Operations_are_those_counted_by_hand()
    {
        // BERT-base: 84,934,656 weights in its products, two operations each, and attention's 2 * 2 * 12 * 768 for each
        // pair of tokens.
        double text = EncoderOperations.Of(EncoderWorks.BertSizes, new EncoderInput(2, new long[32], null));
        Assert.Equal(2 * 16 * ((2.0 * 84_934_656) + (4.0 * 12 * 768 * 16)), text);

        // wav2vec2-base over 400 samples: one frame; the convolutions give 79, 39, 19, 9, 4, 2 and 1 frames.
        double convolutions = 512.0 * ((79 * 10) + (512 * ((3 * (39 + 19 + 9 + 4)) + (2 * (2 + 1)))));
        double sound = EncoderOperations.Of(EncoderWorks.Wav2Vec2Sizes, new EncoderInput(1, null, new float[400]));
        Assert.Equal((2 * (convolutions + (768.0 * (512 + (48 * 128))))) + (2.0 * 84_934_656) + (4.0 * 12 * 768), sound);
    }

    [Fact]
    public void The_committed_lengths_are_those_of_500_utterances()
    {
        UtteranceLengths lengths = UtteranceLengths.Load(TestPaths.InRepository("bench/meld-lengths.json"));

        Assert.Equal((500, 500), (lengths.Tokens.Count, lengths.Milliseconds.Count));

        // MELD's training split: 14.0 tokens with [CLS] and [SEP], 3.2 s, in the mean.
        Assert.InRange(lengths.Tokens.Average(), 13, 15);
        Assert.InRange(lengths.Milliseconds.Average(), 2900, 3500);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"tokens": [2], "milliseconds": [300]}""")]
    [InlineData("""{"tokens": [5, 6], "milliseconds": [300]}""")]
    public void Lengths_that_cannot_be_used_are_refused_by_their_files_name(string json)
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("lengths.json", json);
        Assert.StartsWith(file, Assert.Throws<CommandException>(() => UtteranceLengths.Load(file)).Message);
    }
}
