using Affekt.Tests;

namespace Affekt.Cli.Tests;

/// <summary>Two small corpora, a tiny encoder, and a recipe that trains it on them within a second.</summary>
internal static class TrainingFiles
{
    public static string Write(string folder)
    {
        TestBundle.Write(Path.Combine(folder, "bundle"));
        string meld = Directory.CreateDirectory(Path.Combine(folder, "meld")).FullName;
        string goEmotions = Directory.CreateDirectory(Path.Combine(folder, "goemotions")).FullName;
        File.WriteAllLines(Path.Combine(goEmotions, "labels.txt"), Emotions.Labels);
        foreach (string split in new[] { "train", "dev", "test" })
        {
            File.WriteAllLines(
                Path.Combine(meld, $"{split}_sent_emo.csv"),
                [
                    "Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID,Season,Episode,StartTime,EndTime",
                    """1,I am happy,Ann,joy,positive,0,0,1,1,"00:00:01,000","00:00:02,000" """.TrimEnd(),
                    """2,I am sad,Bob,sadness,negative,0,1,1,1,"00:00:03,000","00:00:04,000" """.TrimEnd(),
                ]);
            File.WriteAllLines(Path.Combine(goEmotions, $"{split}.tsv"), ["so happy\t1\ta", "so sad\t2\tb"]);
        }

        string recipe = Path.Combine(folder, "recipe.json");
        File.WriteAllText(recipe, """
            {
              "task": "text-encoder",
              "encoder": "bundle/text",
              "vocabulary": "bundle/text/vocab.txt",
              "meld": "meld",
              "goemotions": "goemotions",
              "stages": [ { "name": "only", "corpora": ["meld"], "epochs": 1 } ],
              "seeds": [1], "precision": "fp32", "max_tokens": 32, "batch_texts": 2, "batch_tokens": 64,
              "learning_rate": 1e-4, "head_learning_rate": 1e-3, "weight_decay": 0.01, "warmup": 0.1, "dropout": 0.1,
              "label_smoothing": 0, "class_weight_exponent": 0, "clip_norm": 1
            }
            """);
        return recipe;
    }
}
