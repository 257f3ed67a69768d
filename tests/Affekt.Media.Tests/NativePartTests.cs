using Affekt.Tests;

namespace Affekt.Media.Tests;

public sealed class NativePartTests : IDisposable
{
    private const string Name = "libaffekt_prestart.so";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_is_found_beside_the_program_in_its_packages_or_where_it_is_named()
    {
        string program = Put("program"), package = Put("package"), named = Put("named");

        Assert.Equal(Path.Combine(program, Name), NativePart.Find(Name, null, program, package));
        Assert.Equal(Path.Combine(package, Name), NativePart.Find(Name, "", _folder.Path, $"{_folder.Path}:{package}"));
        Assert.Equal(Path.Combine(named, Name), NativePart.Find(Name, named, program, package));
        Assert.Equal(Path.Combine(named, Name), NativePart.Find(Name, Path.Combine(named, "libaffekt_torch.so"), program, package));
        Assert.Null(NativePart.Find(Name, _folder.Path, program, package));
    }

    [Fact]
    public void It_is_never_taken_from_a_folder_above_the_program()
    {
        string above = Put("."), built = Put("build/native");
        string program = Directory.CreateDirectory(Path.Combine(_folder.Path, "some", "program")).FullName;

        Assert.True(File.Exists(Path.Combine(above, Name)) && File.Exists(Path.Combine(built, Name)));
        Assert.Null(NativePart.Find(Name, null, program, null));
    }

    private string Put(string folder)
    {
        string path = Directory.CreateDirectory(_folder.At(folder)).FullName;
        File.WriteAllText(Path.Combine(path, Name), "");
        return path;
    }
}
