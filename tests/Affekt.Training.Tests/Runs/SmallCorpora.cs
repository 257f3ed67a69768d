using System.Globalization;
using System.Text;
using Affekt.Media;
using Affekt.Models.Text;
using Affekt.Networks;
using Affekt.Torch;

namespace Affekt.Tests.Runs;

/// <summary>Small corpora in their published layouts, and a tiny encoder, for training runs that take seconds.</summary>
internal sealed class SmallCorpora : IDisposable
{
    private static readonly string[] s_words = ["fine", "great", "sorry", "hate", "scared", "gross", "what"];

    private readonly TemporaryFolder _folder = new();

    public SmallCorpora()
    {
        WriteMeld();
        WriteGoEmotions();
        WriteEncoder();
    }

    public string Folder => _folder.Path;

    public string Path(string name) => _folder.At(name);

    public void Dispose() => _folder.Dispose();

    /// <summary>Tones of a second, higher for each emotion, as RAVDESS and TESS name their files.</summary>
    public void WriteSounds()
    {
        Directory.CreateDirectory(Path("ravdess"));
        Directory.CreateDirectory(Path("tess"));
        string[] codes = ["01", "03", "04", "05", "06", "07", "08"];
        string[] names = ["neutral", "happy", "sad", "angry", "fear", "disgust", "ps"];
        for (int e = 0; e < codes.Length; e++)
        {
            foreach (string actor in (string[])["01", "02", "15", "17"])
                WriteTone(Path($"ravdess/03-01-{codes[e]}-01-01-01-{actor}.wav"), 200 + (150 * e), int.Parse(actor, CultureInfo.InvariantCulture));
            WriteTone(Path($"tess/OAF_word_{names[e]}.wav"), 210 + (150 * e), 99);
        }
    }

    /// <summary>A manifest of dialogues whose words and tones both tell the emotion; <see cref="WriteSounds"/> comes first.</summary>
    public void WriteManifest()
    {
        string[] codes = ["01", "03", "04", "05", "06", "07", "08"];
        StringBuilder lines = new();
        foreach ((string split, int dialogues) in (IEnumerable<(string, int)>)[("train", 12), ("dev", 3), ("test", 3)])
        {
            for (int d = 0; d < dialogues; d++)
            {
                for (int u = 0; u < 7; u++)
                {
                    string actor = split == "train" ? "01" : "15";
                    lines.Append(CultureInfo.InvariantCulture, $"{{\"id\":\"{split}{d}-{u}\",\"dialogue\":\"{split}{d}\",\"index\":{u},\"speaker\":\"S{u % 2}\",")
                        .Append(CultureInfo.InvariantCulture, $"\"text\":\"{s_words[u]}\",\"emotion\":\"{Emotions.Labels[u]}\",\"split\":\"{split}\",")
                        .Append(CultureInfo.InvariantCulture, $"\"media\":\"ravdess/03-01-{codes[u]}-01-01-01-{actor}.wav\"}}").Append('\n');
                }
            }
        }

        File.WriteAllText(Path("manifest.jsonl"), lines.ToString());
    }

    private void WriteMeld()
    {
        Directory.CreateDirectory(Path("meld"));
        Random random = new(1);
        foreach ((string file, int dialogues) in (IEnumerable<(string, int)>)[("train", 20), ("dev", 6), ("test", 6)])
        {
            StringBuilder csv = new(
                "Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID,Season,Episode,StartTime,EndTime\r\n");
            for (int d = 0; d < dialogues; d++)
            {
                for (int u = 0; u < 7; u++)
                {
                    string text = $"{s_words[u]} {s_words[random.Next(7)]}";
                    csv.Append(CultureInfo.InvariantCulture, $"1,{text},Speaker{u % 2},{Emotions.Labels[u]},x,{d},{u},1,1,")
                        .Append("\"00:00:01,000\",\"00:00:03,000\"\r\n");
                }
            }

            File.WriteAllText(Path($"meld/{file}_sent_emo.csv"), csv.ToString());
        }
    }

    private void WriteGoEmotions()
    {
        Directory.CreateDirectory(Path("goemotions"));
        string[] labels = ["anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise"];
        File.WriteAllText(Path("goemotions/labels.txt"), string.Join('\n', labels));
        foreach (string split in (string[])["train", "dev", "test"])
        {
            IEnumerable<string> rows = Enumerable.Range(0, 70).Select(i =>
                $"{s_words[(int)Enum.Parse<Emotion>(labels[i % 7], ignoreCase: true)]} indeed\t{i % 7}\t{split}{i}");
            File.WriteAllText(Path($"goemotions/{split}.tsv"), string.Join('\n', rows) + "\n");
        }
    }

    private void WriteEncoder()
    {
        Directory.CreateDirectory(Path("encoder"));
        string[] vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. s_words, "indeed"];
        File.WriteAllText(Path("encoder/vocab.txt"), string.Join('\n', vocabulary) + "\n");
        File.WriteAllText(Path("encoder/config.json"), $$"""
            {"vocab_size": {{vocabulary.Length}}, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
             "intermediate_size": 32, "max_position_embeddings": 32}
            """);
        TorchRuntime.ManualSeed(7);
        using BertModel network = new(BertConfig.Load(Path("encoder/config.json")), pooler: false);
        NetworkState.Save(network, Path("encoder/model.safetensors"));
    }

    private static void WriteTone(string file, double frequency, int seed)
    {
        Random random = new(seed);
        short[] samples = new short[Sound.SampleRate];
        for (int i = 0; i < samples.Length; i++)
        {
            double tone = 0.3 * Math.Sin(2 * Math.PI * frequency * i / samples.Length);
            samples[i] = (short)(short.MaxValue * (tone + (0.01 * random.NextDouble())));
        }

        WaveFile.Write(file, samples);
    }
}
