namespace Affekt.Tests;

public sealed class AtomicFileTests
{
    [Fact]
    public void Of_a_link_the_file_that_it_leads_to_is_replaced()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("there.txt", "old"), link = Path.Combine(folder.Path, "link.txt");
        File.CreateSymbolicLink(link, file);

        AtomicFile.Write(link, "new");

        Assert.Equal("new", File.ReadAllText(file));
        Assert.Equal(file, new FileInfo(link).LinkTarget);
    }

    [Fact]
    public void A_device_is_written_and_stays_one()
    {
        Assert.SkipUnless(File.Exists("/dev/null"), "no /dev/null");

        AtomicFile.Write("/dev/null", "gone");

        Assert.Equal("", File.ReadAllText("/dev/null"));
    }

    [Fact]
    public void What_fails_while_it_is_written_leaves_the_old_file_and_no_other()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("kept.txt", "old");

        Assert.Throws<InvalidDataException>(() => AtomicFile.Write(file, stream =>
        {
            stream.WriteByte(1);
            throw new InvalidDataException();
        }));

        Assert.Equal("old", File.ReadAllText(file));
        Assert.Equal([file], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Missing_folders_are_made_and_what_cannot_be_written_is_named()
    {
        using TemporaryFolder folder = new();
        string file = Path.Combine(folder.Path, "new", "file.txt"), below = Path.Combine(file, "below.txt");

        AtomicFile.Write(file, "text");

        Assert.Equal("text", File.ReadAllText(file));
        Assert.DoesNotContain(".tmp", Assert.Throws<IOException>(() => AtomicFile.Write(below, "text")).Message);
    }
}
