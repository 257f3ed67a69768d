using Affekt.Onnx.StateFiles;

namespace Affekt.Training.Features;

/// <summary>
/// A folder of features, so that a frozen encoder reads an input once. The features lie in safetensors files, the shards,
/// each written whole or not at all; an index in Hugging Face's layout says which shard holds what. Any number of
/// processes may read and write one folder at the same time, on any number of machines: what they wrote is merged by
/// reading it. Safe for concurrent use.
/// </summary>
/// <remarks>
/// Opening goes by the index and reads the headers of shards that it does not name, so neither a kill nor another writer
/// can make it wrong. A feature that is there is never replaced.
/// </remarks>
public sealed class FeatureStore : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _shardOf = [];
    private readonly Dictionary<string, StateFile> _open = [];
    private readonly HashSet<string> _known = [];

    private FeatureStore(string folder) => Folder = folder;

    /// <summary>The folder's full path.</summary>
    public string Folder { get; }

    /// <summary>Features that were found or added.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _shardOf.Keys.Count(StoredTensors.IsValues);
        }
    }

    /// <summary>Opens a folder, and makes it where it is missing.</summary>
    /// <exception cref="FeatureStoreException">The folder cannot be made or read.</exception>
    /// <exception cref="StateFileException">A shard is damaged.</exception>
    public static FeatureStore Open(string folder)
    {
        FeatureStore store = new(Path.GetFullPath(folder));
        Guarded(store.Folder, "a folder that can be written", () =>
        {
            Directory.CreateDirectory(store.Folder);
            FeatureShards.SweepTemporaries(store.Folder);
        });
        store.Refresh();
        return store;
    }

    /// <summary>Bytes of all shards on the disk.</summary>
    /// <exception cref="FeatureStoreException">The folder cannot be read.</exception>
    public long SizeInBytes() => Guarded(
        Folder, "a readable folder", () => FeatureShards.Names(Folder).Sum(name => FeatureShards.Length(Folder, name)));

    /// <summary>Looks for what other writers have added since.</summary>
    /// <inheritdoc cref="Open"/>
    public void Refresh()
    {
        lock (_lock)
            Guarded(Folder, "a readable folder", Scan);
    }

    /// <summary>Whether a feature is there.</summary>
    public bool Contains(FeatureKey key)
    {
        lock (_lock)
            return _shardOf.ContainsKey(key.Name);
    }

    /// <summary>A feature, or null where it is not there.</summary>
    /// <exception cref="FeatureStoreException">The folder cannot be read, or the feature is not what the store writes.</exception>
    /// <exception cref="StateFileException">The shard is damaged.</exception>
    public StoredFeature? Find(FeatureKey key)
    {
        string name = key.Name;
        lock (_lock)
        {
            if (!_shardOf.TryGetValue(name, out string? shard))
                return null;
            if (OpenShard(shard) is { } file)
                return StoredTensors.Read(file, name);

            // Another process has merged the shard into a larger one.
            Guarded(Folder, "a readable folder", Scan);
            return _shardOf.TryGetValue(name, out shard) && OpenShard(shard) is { } merged ? StoredTensors.Read(merged, name) : null;
        }
    }

    /// <summary>
    /// Adds features in one shard, which is on the disk when this returns. Those that are there already are passed over.
    /// </summary>
    /// <exception cref="FeatureStoreException">The shard cannot be written: the disk is full, or the folder may not be written to.</exception>
    public void Add(IEnumerable<(FeatureKey Key, StoredFeature Feature)> features)
    {
        (FeatureKey Key, StoredFeature Feature)[] missing =
            [.. features.Where(entry => !Contains(entry.Key)).DistinctBy(entry => entry.Key)];
        if (missing.Length == 0)
            return;
        TensorToWrite[] tensors = [.. missing.SelectMany(entry => StoredTensors.Of(entry.Key, entry.Feature))];
        string shard = FeatureShards.NewName();
        Guarded(Folder, "room for a shard in a folder that can be written", () =>
            SafetensorsWriter.Write(Path.Combine(Folder, shard), tensors));
        lock (_lock)
        {
            _known.Add(shard);
            foreach (TensorToWrite tensor in tensors)
                _shardOf.TryAdd(tensor.Name, shard);
        }
    }

    /// <summary>
    /// Merges small shards into large ones and writes the index. Other processes may go on reading and writing: what is
    /// deleted has been written elsewhere before.
    /// </summary>
    /// <exception cref="FeatureStoreException">The folder cannot be written to.</exception>
    /// <exception cref="StateFileException">A shard is damaged.</exception>
    public void Tidy()
    {
        lock (_lock)
        {
            Guarded(Folder, "room for a merged shard in a folder that can be written", () =>
            {
                Scan();
                Close();
                if (FeatureShards.Merge(Folder))
                {
                    _shardOf.Clear();
                    _known.Clear();
                    Scan();
                }

                FeatureShards.WriteIndex(Folder, _shardOf);
            });
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
            Close();
    }

    private static void Guarded(string folder, string expected, Action work) => Guarded(folder, expected, () =>
    {
        work();
        return true;
    });

    private static T Guarded<T>(string folder, string expected, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new FeatureStoreException(folder, error.Message, expected, error);
        }
    }

    private void Scan()
    {
        HashSet<string> there = [.. FeatureShards.Names(Folder)];
        foreach (string gone in _known.Except(there).ToArray())
        {
            _known.Remove(gone);
            foreach ((string name, _) in _shardOf.Where(entry => entry.Value == gone).ToArray())
                _shardOf.Remove(name);
        }

        if (there.IsSubsetOf(_known))
            return;
        foreach ((string name, string shard) in FeatureShards.ReadIndex(Folder))
        {
            if (there.Contains(shard))
            {
                _known.Add(shard);
                _shardOf.TryAdd(name, shard);
            }
        }

        foreach (string shard in there.Except(_known).ToArray())
        {
            // Merged away since the folder was listed: the shard that took it in is read with the next scan.
            if (OpenShard(shard) is not { } file)
                continue;
            _known.Add(shard);
            foreach (string name in file.Tensors.Keys)
                _shardOf.TryAdd(name, shard);
        }
    }

    /// <summary>The opened shard; null where there is no such file any more.</summary>
    private StateFile? OpenShard(string shard)
    {
        if (_open.TryGetValue(shard, out StateFile? file))
            return file;
        file = FeatureShards.Open(Folder, shard);
        if (file is not null)
            _open.Add(shard, file);
        return file;
    }

    private void Close()
    {
        foreach (StateFile file in _open.Values)
            file.Dispose();
        _open.Clear();
    }
}

/// <summary>A feature store's folder that cannot be read or written: where, what was found, what was expected.</summary>
public sealed class FeatureStoreException : Exception
{
    internal FeatureStoreException(string path, string found, string expected, Exception? cause = null)
        : base($"{path}: found {found}, expected {expected}", cause) => Path = path;

    /// <summary>The file or folder.</summary>
    public string Path { get; }
}
