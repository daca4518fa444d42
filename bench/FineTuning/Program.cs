// Full training steps beside PyTorch's.
using System.Globalization;
using OnnxTransfer.Bench.FineTuning;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["steps", var folder, var network, var mode, var count, var form, var repeats])
{
    Steps.Run(folder, network, mode, int.Parse(count), form, int.Parse(repeats));
}
else if (args is ["profile", var folder2, var network2, var mode2, var count2, var form2])
{
    Profile.Run(folder2, network2, mode2, int.Parse(count2), form2);
}
