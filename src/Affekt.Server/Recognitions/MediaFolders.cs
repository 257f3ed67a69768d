using System.Security.Cryptography;
using Affekt.Server.Hosting;

namespace Affekt.Server.Recognitions;

/// <summary>
/// Uploads, each in a folder of its own that only the server's user may enter, under a name that nobody can guess. The file has
/// no ending: its type is what its bytes say, not what its sender says.
/// </summary>
internal sealed class MediaFolders
{
    private readonly string _root;

    public MediaFolders(DataFolder data)
    {
        _root = Path.Combine(data.Root, "media");
        DataFolder.Make(_root);
    }

    /// <summary>A new folder.</summary>
    public string Create()
    {
        string folder = Path.Combine(_root, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
        DataFolder.Make(folder);
        return folder;
    }

    /// <summary>Deletes a folder and what is in it; nothing where it is gone.</summary>
    public static void Delete(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    /// <summary>Deletes every folder that the server before this one left behind, but for those still needed.</summary>
    public void Sweep(IReadOnlySet<string> needed)
    {
        foreach (string folder in Directory.GetDirectories(_root))
        {
            if (!needed.Contains(folder))
                Delete(folder);
        }
    }
}
