using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Affekt.AspNetCore.Recognitions;

/// <summary>
/// Uploads, each in a folder of its own that only the server's user may enter, under a name that nobody can guess. The file has
/// no ending: its type is what its bytes say, not what its sender says.
/// </summary>
internal sealed class MediaFolders
{
    private readonly string _root;
    private readonly ILogger<MediaFolders> _logger;
    private readonly ConcurrentDictionary<string, bool> _left = new();

    public MediaFolders(DataFolder data, ILogger<MediaFolders> logger)
    {
        (_root, _logger) = (Path.Combine(data.Root, "media"), logger);
        DataFolder.Make(_root);
    }

    /// <summary>A new folder.</summary>
    public string Create()
    {
        string folder = Path.Combine(_root, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
        DataFolder.Make(folder);
        return folder;
    }

    /// <summary>Deletes a folder and what is in it; nothing where it is gone. Where that fails it is tried again later.</summary>
    public void Delete(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
            _left.TryRemove(folder, out _);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Who deletes has more to do after it, and must come to that.
            if (_left.TryAdd(folder, true))
                ServerLog.NotDeleted(_logger, exception.Message);
        }
    }

    /// <summary>Deletes what could not be deleted before.</summary>
    public void DeleteLeft()
    {
        foreach (string folder in _left.Keys)
            Delete(folder);
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
