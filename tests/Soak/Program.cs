using Lookup.Soak;
using Lookup.Soak.Churn;
using Lookup.Soak.Small;

// With --churn the program looks for leaks, and with --small it overloads one instance on a small machine; otherwise, it runs the fleet under
// faults.
return args.Contains("--churn") ? await ChurnCommand.RunAsync(args)
    : args.Contains("--small") ? await SmallMachineCommand.RunAsync(args)
    : await SoakCommand.RunAsync(args);
