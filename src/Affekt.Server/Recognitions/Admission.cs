using System.Diagnostics;
using Affekt.Server.Hosting;
using Affekt.Server.Problems;

namespace Affekt.Server.Recognitions;

/// <summary>
/// The places for recognitions: so many at work, so many waiting, and nobody else. A place is taken before a byte of the upload
/// is read, so that who cannot be served is told so at once.
/// </summary>
internal sealed class Admission(ServerLimits limits) : IDisposable
{
    // How much the last work counts in the estimate of the next.
    private const double Newest = 0.2;

    private readonly SemaphoreSlim _workers = new(limits.Workers);
    private readonly Lock _counting = new();
    private int _taken;
    private long _begun;
    private double _usualSeconds = 2;

    /// <summary>How many places are taken.</summary>
    public int Taken => Volatile.Read(ref _taken);

    /// <summary>How many places were ever taken.</summary>
    public long Begun => Volatile.Read(ref _begun);

    /// <summary>Takes a place.</summary>
    /// <exception cref="ProblemException">There is none.</exception>
    public Place Enter()
    {
        lock (_counting)
        {
            int places = limits.Workers + limits.MaxQueue;
            if (_taken >= places)
            {
                double seconds = Math.Clamp(_usualSeconds * limits.MaxQueue / limits.Workers, 1, 120);
                throw new ProblemException(
                    ProblemCode.QueueFull, $"Found all {places} places taken, expected a free one.", TimeSpan.FromSeconds(seconds));
            }

            _taken++;
            _begun++;
        }

        return new Place(this);
    }

    /// <summary>Takes a place for work that was admitted by the server before this one, whether there is one or not.</summary>
    public Place Restore()
    {
        lock (_counting)
        {
            _taken++;
            _begun++;
        }

        return new Place(this);
    }

    public void Dispose() => _workers.Dispose();

    private void Leave()
    {
        lock (_counting)
            _taken--;
    }

    private void Learn(double seconds)
    {
        lock (_counting)
            _usualSeconds += Newest * (seconds - _usualSeconds);
    }

    /// <summary>A place, given up when it is disposed of.</summary>
    internal sealed class Place(Admission admission) : IDisposable
    {
        private int _left;

        /// <summary>Waits for its turn, in the order of asking, and works.</summary>
        public async Task<T> WorkAsync<T>(Func<Task<T>> work, CancellationToken cancellation)
        {
            await admission._workers.WaitAsync(cancellation);
            long began = Stopwatch.GetTimestamp();
            try
            {
                return await work();
            }
            finally
            {
                admission._workers.Release();
                admission.Learn(Stopwatch.GetElapsedTime(began).TotalSeconds);
            }
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
                admission.Leave();
        }
    }
}
