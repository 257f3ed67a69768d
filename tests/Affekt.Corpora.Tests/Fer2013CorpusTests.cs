using System.IO.Compression;
using Affekt.Tests;

namespace Affekt.Corpora.Tests;

public sealed class Fer2013CorpusTests
{
    [Fact]
    public void Fer2013_in_its_zip_file_has_its_published_faces_of_each_emotion()
    {
        Corpus corpus = Fer2013Corpus.Read(TestPaths.Shared("data/fer2013.zip"));

        Assert.Equal([4965, 7215, 4830, 3995, 4097, 436, 3171], CountEmotions(corpus, Split.Train));
        Assert.Equal([607, 895, 653, 467, 496, 56, 415], CountEmotions(corpus, Split.Test));
    }

    [Fact]
    public void A_zip_file_and_the_folder_that_it_was_made_of_give_the_same_faces_and_bytes()
    {
        using TemporaryFolder folder = new();
        folder.Write("fer/train/happy/1.jpg", "one");
        folder.Write("fer/validation/fear/2.jpg", "two");
        folder.Write("fer/readme.txt", "no face");
        string unpacked = Path.Combine(folder.Path, "fer"), zip = Path.Combine(folder.Path, "fer.zip");
        ZipFile.CreateFromDirectory(unpacked, zip);

        Utterance[] ofFolder = [.. Fer2013Corpus.Read(unpacked).Utterances], ofZip = [.. Fer2013Corpus.Read(zip).Utterances];

        Assert.Equal(["train/happy/1.jpg", "validation/fear/2.jpg"], ofZip.Select(face => face.Id));
        Assert.Equal(ofFolder.Select(face => face with { Media = null }), ofZip.Select(face => face with { Media = null }));
        Assert.Equal((Emotion.Fear, Split.Test), ((Emotion)ofZip[1].Label!.Value, ofZip[1].Split));
        Assert.Equal(["two"u8.ToArray(), "one"u8.ToArray()], Fer2013Corpus.ReadFiles(zip, [ofZip[1], ofZip[0]]));
        Assert.Equal(["two"u8.ToArray()], Fer2013Corpus.ReadFiles(unpacked, [ofFolder[1]]));
    }

    [Fact]
    public void Pictures_that_are_named_by_person_have_that_person_as_speaker()
    {
        using TemporaryFolder folder = new();
        foreach (string name in (string[])["tai-0141-034.jpg", "12.jpg", "some-people-01.jpg", "a-1-2-3.jpg"])
            folder.Write($"validation/happy/{name}", "one");

        Dictionary<string, string?> people = Fer2013Corpus.Read(folder.Path).Utterances.ToDictionary(face => Path.GetFileName(face.Id), face => face.Speaker);

        Assert.Equal("tai-0141", people["tai-0141-034.jpg"]);
        Assert.All(people.Where(person => person.Key != "tai-0141-034.jpg"), person => Assert.Null(person.Value));
    }

    [Fact]
    public void What_systems_leave_beside_files_is_passed_over()
    {
        using TemporaryFolder folder = new();
        folder.Write("fer/train/happy/1.jpg", "one");
        folder.Write("fer/train/happy/._1.jpg", "resources");
        folder.Write("fer/train/.ipynb_checkpoints/1.jpg", "old");
        folder.Write("fer/__MACOSX/train/happy/1.jpg", "resources");
        string unpacked = Path.Combine(folder.Path, "fer"), zip = Path.Combine(folder.Path, "fer.zip");
        ZipFile.CreateFromDirectory(unpacked, zip);

        Assert.Equal("train/happy/1.jpg", Assert.Single(Fer2013Corpus.Read(unpacked).Utterances).Id);
        Assert.Equal("train/happy/1.jpg", Assert.Single(Fer2013Corpus.Read(zip).Utterances).Id);
    }

    [Fact]
    public void A_class_folder_that_is_no_emotion_is_an_error_that_names_it()
    {
        using TemporaryFolder folder = new();
        folder.Write("train/bored/1.jpg", "one");

        CorpusException e = Assert.Throws<CorpusException>(() => Fer2013Corpus.Read(folder.Path));

        Assert.Contains("'bored'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_zip_file_and_a_folder_without_faces_are_errors_that_name_them()
    {
        using TemporaryFolder folder = new();
        string zip = folder.Write("damaged.zip", "PK, but no more");

        Assert.Contains(zip, Assert.Throws<CorpusException>(() => Fer2013Corpus.Read(zip)).Message, StringComparison.Ordinal);
        Assert.Contains(
            folder.Path, Assert.Throws<CorpusException>(() => Fer2013Corpus.Read(folder.Path)).Message, StringComparison.Ordinal);
    }

    private static IEnumerable<int> CountEmotions(Corpus corpus, Split split) => Enum.GetValues<Emotion>()
        .Select(emotion => corpus.Utterances.Count(face => face.Split == split && (Emotion?)face.Label == emotion));
}
