using System.Text;
using Affekt.Tests;

namespace Affekt.Corpora.Tests.Published;

/// <summary>Files of published corpora with damage: each is read, or refused with its name; nothing else happens.</summary>
public sealed class DamagedCorporaTests : IDisposable
{
    private const int Damages = 400;

    private static readonly string[] _splices = ["\u0663", "-1", "1e99", "NaN", "\"", "\n", "\\ud800", "[", "{", "null", ",", "\0", "___", "99999999999999999999"];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string, string, string> Files => new()
    {
        {
            "iemocap", "Session1/dialog/EmoEvaluation/Ses01F_impro01.txt", "",
            "% [START_TIME - END_TIME] TURN\n[6.2901 - 8.2347]\tSes01F_impro01_F000\tneu\t[2.5, 2.5, 2.5]\nC-E2:\tNeutral;\n[9.1 - 9.9]\tSes01F_impro01_M000\texc\t[2.5, 2.5, 2.5]\n"
        },
        {
            "iemocap", "Session1/dialog/transcriptions/Ses01F_impro01.txt", "Session1/dialog/EmoEvaluation/Ses01F_impro01.txt=[6.2901 - 8.2347]\tSes01F_impro01_F000\tneu\t[2]\n",
            "Ses01F_impro01_F000 [006.2901-008.2357]: Excuse me.\n"
        },
        {
            "crema-d-voice", "processedResults/summaryTable.csv", "AudioWAV/1001_DFA_ANG_XX.wav=x",
            "\"\",\"FileName\",\"VoiceVote\",\"FaceVote\",\"MultiModalVote\"\n\"1\",\"1001_DFA_ANG_XX\",\"N\",\"A:N\",\"A\"\n"
        },
        { "crema-d", "SentenceFilenames.csv", "AudioWAV/1001_DFA_ANG_XX.wav=x", "\"Stimulus_Number\",\"Filename\"\n1,\"1001_DFA_ANG_XX\"\n2,\"1002_IEO_NEU_XX\"\n" },
        {
            "cmu-mosei", "a.csv", "Transcript/Segmented/Combined/abc.txt=abc___0___0.0___4.02___Well.\n",
            "video,clip,start,end,happy,sad,anger,surprise,disgust,fear,split\nabc,0,0.0,4.02,0.3,0,1,0,0,0,train\nabc,1,4.0,9.5,0,0,0,0,0,0,train\n"
        },
        {
            "cmu-mosei", "Transcript/Segmented/Combined/abc.txt", "a.csv=video,clip,happy,sad,anger,surprise,disgust,fear\nabc,0,1,0,0,0,0,0\n",
            "abc___0___0.0___4.02___Well, well.\nabc___1___4.0___9.25___So\n"
        },
        { "ch-sims", "label.csv", "", "video_id,clip_id,text,label,annotation,mode\nvideo_0001,0001,abc,-1.0,Negative,train\nvideo_0001,2,d,0.2,Positive,test\n" },
        {
            "emorynlp", "emotion-detection-trn.json", "emotion-detection-dev.json={\"episodes\":[]}|emotion-detection-tst.json={\"episodes\":[]}",
            "{\"episodes\":[{\"scenes\":[{\"scene_id\":\"s\",\"utterances\":[{\"utterance_id\":\"u\",\"speakers\":[\"A\"],\"transcript\":\"t\",\"emotion\":\"Mad\"}]}]}]}"
        },
        { "dailydialog", "dialogues_text.txt", "dialogues_emotion.txt=0 4\n1 2\n", "Say . __eou__ Oh ! __eou__\nHi . __eou__ Ah . __eou__\n" },
        { "dailydialog", "dialogues_emotion.txt", "dialogues_text.txt=Say . __eou__ Oh ! __eou__\nHi . __eou__ Ah . __eou__\n", "0 4\n1 2\n" },
        {
            "emowoz", "emowoz-multiwoz.json", "data-split.json={\"train\":{\"multiwoz\":[\"a\"]}}",
            "{\"a\":{\"log\":[{\"text\":\"x\",\"emotion\":[{\"emotion\":0},{\"emotion\":2}]},{\"text\":\"y\",\"emotion\":[]}]}}"
        },
        { "emowoz", "data-split.json", "emowoz-multiwoz.json={\"a\":{\"log\":[{\"text\":\"x\",\"emotion\":[{\"emotion\":0}]}]}}", "{\"train\":{\"multiwoz\":[\"a\"],\"dialmage\":[]}}" },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Files))]
    public void A_damaged_file_is_read_or_refused(string name, string file, string others, string right)
    {
        foreach (string[] other in others.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(entry => entry.Split('=', 2)))
        {
            _folder.Write(other[0], other[1]);
        }

        _folder.Write(file, right);
        Assert.NotEmpty(CorpusReader.Read(name, _folder.Path).Utterances);
        Random random = new(20261130);
        for (int i = 0; i < Damages; i++)
        {
            _folder.Write(file, Damage(Encoding.UTF8.GetBytes(right), i, random));
            try
            {
                CorpusReader.Read(name, _folder.Path);
            }
            catch (CorpusException error)
            {
                Assert.NotNull(error.File);
            }
        }
    }

    [Fact]
    public void Digits_of_other_scripts_in_a_name_are_no_name_of_the_corpus()
    {
        foreach (string name in (string[])["\u0663\u0663a01Fa.wav", "DC_a\u0663.wav", "s\u0663_an_1.avi", "\u0663\u0663\u0663\u0663_DFA_ANG_XX.wav",
            "\u0660\u0663-01-06-01-02-01-12.wav", "dis-f1-b\u0663.wav"])
        {
            _folder.Write(name, "x");
        }

        Assert.All(["emodb", "savee", "enterface", "crema-d", "ravdess", "emovo"], name =>
            Assert.Throws<CorpusException>(() => CorpusReader.Read(name, _folder.Path)));
    }

    [Theory]
    [InlineData("emowoz", "data-split.json", """{"\ud800": {}, "a": {}}""")]
    [InlineData("manifest", "m.jsonl", """{"\ud800": 1, "id": "a"}""")]
    [InlineData("manifest", "m.json", """{"\ud800": [], "a": []}""")]
    public void A_name_with_half_a_character_in_it_is_refused(string name, string file, string json)
    {
        string path = _folder.Write(file, json);

        Assert.Equal(path, Assert.Throws<CorpusException>(() => CorpusReader.Read(name, name == "manifest" ? path : _folder.Path)).File);
    }

    private static byte[] Damage(byte[] whole, int number, Random random)
    {
        int at = random.Next(whole.Length);
        switch (number % 4)
        {
            case 0:
                whole[at] = (byte)random.Next(256);
                return whole;
            case 1:
                return whole[..at];
            case 2:
                return [.. whole[..at], .. whole[random.Next(at, whole.Length)..]];
            default:
                return [.. whole[..at], .. Encoding.UTF8.GetBytes(_splices[random.Next(_splices.Length)]), .. whole[Math.Min(whole.Length, at + random.Next(4))..]];
        }
    }
}
