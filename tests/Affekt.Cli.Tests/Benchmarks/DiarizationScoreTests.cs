using Affekt.Cli.Benchmarks;

namespace Affekt.Cli.Tests.Benchmarks;

/// <summary>The diarization error rate, worked out by hand.</summary>
public sealed class DiarizationScoreTests
{
    [Fact]
    public void Names_do_not_matter_but_who_is_the_same_does()
    {
        SpokenBy[] truth = [new(0, 2000, "A"), new(3000, 5000, "B"), new(6000, 8000, "A")];

        Assert.Equal(0, DiarizationScore.Of(truth, [new(0, 2000, "x"), new(3000, 5000, "y"), new(6000, 8000, "x")]).Error);
        Assert.Equal(1.0 / 3, DiarizationScore.Of(truth, [new(0, 2000, "x"), new(3000, 5000, "x"), new(6000, 8000, "x")]).Confusion, 0.01);
        Assert.Equal(1.0 / 3, DiarizationScore.Of(truth, [new(0, 2000, "x"), new(3000, 5000, "y"), new(6000, 8000, "z")]).Confusion, 0.01);
    }

    [Fact]
    public void What_is_missed_and_what_nobody_said_count_too()
    {
        SpokenBy[] truth = [new(0, 4000, "A"), new(10_000, 14_000, "B")];

        DiarizationScore score = DiarizationScore.Of(truth, [new(0, 4000, "x"), new(20_000, 23_500, "y")]);

        Assert.Equal(0.5, score.Missed, 0.01);
        Assert.Equal(0.5, score.FalseAlarm, 0.01);
        Assert.Equal(0, score.Confusion);
    }

    [Fact]
    public void A_boundary_may_be_off_by_a_quarter_of_a_second() =>
        Assert.Equal(0, DiarizationScore.Of([new(1000, 3000, "A")], [new(800, 3200, "x")]).Error);
}
