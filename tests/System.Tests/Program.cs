using Lookup.System.Tests;
using Lookup.System.Tests.Churn;
using Lookup.System.Tests.Soak;

// One executable, three uses: --churn looks for leaks, --minutes runs the fleet under faults, and everything else are the tests.
if (args.Contains("--churn"))
    return await ChurnCommand.RunAsync(args);
if (SoakCommand.IsMeant(args))
    return await SoakCommand.RunAsync(args);
if (args.Any(arg => arg is "-automated" or "@@"))
    return await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
return await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
