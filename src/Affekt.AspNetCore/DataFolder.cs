using Microsoft.Extensions.Options;

namespace Affekt.AspNetCore;

/// <summary>The folder of jobs and uploads, for its owner only, and for one server at a time.</summary>
internal sealed class DataFolder : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly FileStream _lock;

    /// <exception cref="IOException">Another server has the folder.</exception>
    /// <exception cref="OptionsValidationException">Others may read it.</exception>
    public DataFolder(string folder)
    {
        Root = Path.GetFullPath(folder);
        Make(Root);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(Root) & ~OwnerOnly) is var others and not 0)
        {
            throw new OptionsValidationException(nameof(DataFolder), typeof(AffektEndpointOptions), [
                $"the data folder: found {Root} open to others ({others}), expected a folder for its owner only (chmod 700)"]);
        }


        string file = Path.Combine(Root, "lock");
        try
        {
            // Two servers would each sweep away the other's uploads.
            _lock = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException cause)
        {
            throw new IOException($"the data folder: found another server that uses {Root}, expected a folder of this one's own", cause);
        }
    }

    /// <summary>Its full path.</summary>
    public string Root { get; }

    /// <summary>Makes a folder that only its owner may enter; nothing where it is there.</summary>
    public static void Make(string folder)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, OwnerOnly);
    }

    public void Dispose() => _lock.Dispose();
}
