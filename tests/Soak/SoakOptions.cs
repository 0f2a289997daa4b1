using System.Globalization;
using Lookup.Soak.Faults;
using Lookup.Soak.Fleet;

namespace Lookup.Soak;

/// <summary>The options of a run.</summary>
internal sealed record SoakOptions
{
    public const string Usage = """
        dotnet run --project tests/Soak -- --minutes 10 [--seed 1] [--instances 3] [--rate 12000] [--faults name,name] [--out FILE.md] [--corrupt N]
        dotnet run --project tests/Soak -- --churn --minutes 30 [--out FILE.md]
        dotnet run --project tests/Soak -- --small --minutes 3 [--handles 1024] [--cores 1] [--heap 200] [--out FILE.md]

          --minutes    the length of the run; fractions are allowed
          --seed       the seed for the order of faults and for the random choices of clients and writers
          --instances  the number of instances of the service, 1 to 8
          --rate       the target rate, in responses per second
          --faults     the faults to inject; none for a run without faults
          --app        the folder of a published src/Functions to use, instead of publishing it
          --endpoint   the folder of a published src/Emulator to use, instead of publishing it
          --out        an additional file for the report
          --handles    the maximum number of handles of the small machine
          --cores      its number of cores, of those that this machine has
          --heap       the maximum size of the managed heap on it, in MiB
          --corrupt    treat every Nth response as an older version than it contains: the run must fail
        """;

    public TimeSpan Length { get; init; } = TimeSpan.FromMinutes(1);

    public int Seed { get; init; } = 1;

    public int Instances { get; init; } = 3;

    public int Rate { get; init; } = 12_000;

    /// <summary>Gets the number of users in the store.</summary>
    public int Users { get; init; } = 4000;

    public IReadOnlyList<Fault> Faults { get; init; } = FaultCatalogue.All;

    /// <summary>Gets the size of the small machine.</summary>
    public MachineSize Machine { get; init; } = MachineSize.Smallest;

    /// <summary>Gets the folder of a published app, or null to publish one.</summary>
    public string? App { get; init; }

    /// <summary>Gets the folder of a published endpoint, or null to publish one.</summary>
    public string? Endpoint { get; init; }

    public string? Output { get; init; }

    public int CorruptEvery { get; init; }

    /// <exception cref="ArgumentException">An argument is invalid.</exception>
    public static SoakOptions Read(string[] args)
    {
        var options = new SoakOptions();
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] is "--churn" or "--small")
                continue;
            if (i + 1 == args.Length)
                throw new ArgumentException($"'{args[i]}' is not a valid option, or its value is missing.");
            var value = args[++i];
            options = args[i - 1] switch
            {
                "--minutes" => options with { Length = TimeSpan.FromMinutes(Number(args[i - 1], value, 0.05, 24 * 60)) },
                "--seed" => options with { Seed = (int)Number(args[i - 1], value, 0, int.MaxValue) },
                "--instances" => options with { Instances = (int)Number(args[i - 1], value, 1, 8) },
                "--rate" => options with { Rate = (int)Number(args[i - 1], value, 100, 1_000_000) },
                "--faults" => options with { Faults = value == "none" ? [] : FaultCatalogue.Named(value.Split(',')) },
                "--app" => options with { App = Published(args[i - 1], value, "Lookup.Functions") },
                "--endpoint" => options with { Endpoint = Published(args[i - 1], value, "Lookup.Emulator") },
                "--handles" => options with { Machine = options.Machine with { Handles = (int)Number(args[i - 1], value, 512, 1_000_000) } },
                "--cores" => options with { Machine = options.Machine with { Cores = (int)Number(args[i - 1], value, 1, Environment.ProcessorCount) } },
                "--heap" => options with { Machine = options.Machine with { HeapMegabytes = (int)Number(args[i - 1], value, 32, 1_000_000) } },
                "--out" => options with { Output = value },
                "--corrupt" => options with { CorruptEvery = (int)Number(args[i - 1], value, 1, int.MaxValue) },
                var name => throw new ArgumentException($"'{name}' is not a valid option."),
            };
        }

        return options;
    }

    private static string Published(string name, string folder, string program) =>
        File.Exists(Path.Combine(folder, program))
            ? Path.GetFullPath(folder)
            : throw new ArgumentException($"{name} is '{folder}'; it takes a folder that {program} was published to.");

    private static double Number(string name, string text, double least, double most) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new ArgumentException(FormattableString.Invariant($"{name} is '{text}'; it takes a number from {least} to {most}."));
}
