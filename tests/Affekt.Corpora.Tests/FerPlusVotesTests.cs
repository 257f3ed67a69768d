using Affekt.Tests;

namespace Affekt.Corpora.Tests;

public sealed class FerPlusVotesTests
{
    private const string Columns = "zip_name,match_score,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF";

    [Fact]
    public void Votes_are_shares_of_the_seven_emotions_without_single_votes_contempt_and_unknown()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("votes.csv", Columns + "\ntrain/angry/1000.jpg,0.9981,4,0,0,1,4,0,0,0,1,0\n");

        IReadOnlyList<float> votes = FerPlusVotes.Read(file)["train/angry/1000.jpg"];

        Assert.Equal([0.5f, 0, 0, 0.5f, 0, 0, 0], votes);
    }

    [Fact]
    public void Faces_that_are_badly_matched_or_that_no_two_people_agree_on_are_left_out()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write(
            "votes.csv",
            Columns + "\ntrain/sad/1.jpg,0.9,9,0,0,1,0,0,0,0,0,0\ntrain/sad/2.jpg,0.99,1,1,1,1,1,1,1,1,1,1\ntrain/sad/3.jpg,0.98,0,0,0,10,0,0,0,0,0,0\n");

        Assert.Equal(["train/sad/3.jpg"], FerPlusVotes.Read(file).Keys);
    }

    [Fact]
    public void What_faces_are_taken_for_is_the_mean_of_the_votes_where_most_see_the_same()
    {
        using TemporaryFolder folder = new();
        string[] plain = ["9,0,0,0,0,0,0", "0,9,0,0,0,0,0", "0,0,8,0,0,0,2", "0,0,0,9,0,0,0", "0,0,0,0,9,0,0", "0,0,0,0,0,9,0"];
        string[] afraid = ["0,0,4,0,0,0,6", "0,0,0,0,0,0,2", "0,0,5,0,0,0,5"];
        string Write(IEnumerable<string> rows) => folder.Write(
            "fer2013new.csv", "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n"
            + string.Concat(rows.Select(row => $"Training,fer0000000.png,{row},1,0,0\n")));

        IReadOnlyList<IReadOnlyList<double>> seen = FerPlusVotes.ReadConfusion(Write(plain.Concat(afraid)));

        Assert.Equal([1.0, 0, 0, 0, 0, 0, 0], seen[0]);
        Assert.Equal([0, 0, 0, 0, 0.8, 0, 0.2], seen[(int)Emotion.Fear].Select(share => Math.Round(share, 12)));
        Assert.Equal([0, 0, 0, 0, 0.2, 0, 0.8], seen[(int)Emotion.Surprise].Select(share => Math.Round(share, 12)));
        Assert.Contains("most see fear", Assert.Throws<CorpusException>(() => FerPlusVotes.ReadConfusion(Write(plain))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_vote_that_is_no_number_is_an_error_that_names_the_line_and_the_column()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("votes.csv", Columns + "\ntrain/sad/1.jpg,0.99,many,0,0,1,0,0,0,0,0,0\n");

        CorpusException e = Assert.Throws<CorpusException>(() => FerPlusVotes.Read(file));

        Assert.Contains("'many'", e.Message, StringComparison.Ordinal);
        Assert.Contains("neutral", e.Message, StringComparison.Ordinal);
    }
}
