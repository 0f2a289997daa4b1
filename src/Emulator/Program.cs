return await Lookup.Emulator.EmulatorCommand.RunAsync(args);
