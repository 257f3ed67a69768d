using Affekt.Models;
using Affekt.Models.Published;
using Affekt.Onnx.StateFiles;
using Affekt.Torch.Layers;

namespace Affekt.Networks;

/// <summary>Loads networks from folders in Hugging Face's layout.</summary>
internal static class PublishedNetwork
{
    /// <summary>Makes a network and loads the first weights that the folder has.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="make">Makes the network that the open file is for; its parameters need no first values.</param>
    /// <param name="rename">Gives the network's name for a stored one, or null to pass it over.</param>
    /// <param name="unused">Stored tensors that the network has no place for, in its names, sorted.</param>
    /// <exception cref="ModelException">There are no weights.</exception>
    /// <exception cref="StateFileException">The weights cannot be read.</exception>
    /// <exception cref="StateMismatchException">A tensor is missing or has another shape; all such are named.</exception>
    public static T Load<T>(
        string folder, Func<StateFile, T> make, Func<string, string?> rename, out IReadOnlyList<string> unused)
        where T : Module
    {
        using StateFile file = StateFile.Open(PublishedFolder.WeightsFile(folder));
        T network;
        using (Initial.Skipped())
            network = make(file);
        try
        {
            unused = NetworkState.Load(network, file, rename);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }
}
