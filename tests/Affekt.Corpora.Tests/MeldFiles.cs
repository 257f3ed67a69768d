using Affekt.Tests;

namespace Affekt.Corpora.Tests;

/// <summary>A small corpus in MELD's layout, with its oddities.</summary>
internal static class MeldFiles
{
    public const string Header =
        "Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID,Season,Episode,StartTime,EndTime";

    public static readonly string[] Rows =
    [
        """1,"Oh, it’s you. It’s really you.",Ann,joy,positive,0,0,4,7,"00:20:57,256","00:21:00,049" """,
        """2,What?,Bob,surprise,negative,0,1,4,7,"00:21:01,927","00:21:03,261" """,
        """3,"She said ""never"", twice",Ann,anger,negative,0,3,4,7,"0:21:04,000","0:21:05,500" """,
        """7,No…,Cy’s dad,sadness,negative,2,0,1,2,"00:00:00,000","00:00:00,900" """,
        """7,Well\u0092then,Bob,neutral,neutral,2,1,1,2,"00:00:01,000","00:05:01,001" """.Replace(@"\u0092", "\u0092"),
        """9,Go.,Ann,disgust,negative,2,2,1,2,"00:00:09,000","00:00:09,000" """,
    ];

    public static string Csv(params IEnumerable<string> rows) =>
        string.Concat(new[] { Header }.Concat(rows).Select(row => row.TrimEnd() + "\r\n"));

    /// <summary>Writes the rows as all three splits, so that each split reads the same.</summary>
    public static void WriteAll(TemporaryFolder folder)
    {
        foreach (string split in Splits.Names)
        {
            folder.Write($"{split}_sent_emo.csv", Csv(Rows));
        }
    }

    /// <summary>Reads the corpus after one row was put in the place of the training file's rows.</summary>
    public static Corpus ReadWithTrain(string csv)
    {
        using TemporaryFolder folder = new();
        WriteAll(folder);
        folder.Write("train_sent_emo.csv", csv);
        return MeldCorpus.Read(folder.Path);
    }
}
