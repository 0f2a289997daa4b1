using Lookup.Benchmarks.Commands;

if (args is ["ratios", ..])
{
    await new RatioCommand(Console.Out).RunAsync(rounds: args.Length > 1 ? int.Parse(args[1]) : 100, most: args.Length > 2 ? int.Parse(args[2]) : 99);
    return 0;
}

return 1;
