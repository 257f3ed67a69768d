using Affekt.Recognition;
using Affekt.Server.Hosting;

ProcessMemory.LimitHeaps();
return await ServerProgram.RunAsync(args, Console.Out, Console.Error);
