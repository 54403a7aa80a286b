"""Wrong answers to the exercises of notebook 3."""

# The check, a wrong answer, and what the printed line must say
VECTOR = [
    ("lambda z, k, c: torch.cat([z, k[:, None], c], 1)", "a single number"),
    ("lambda z, k, c: torch.cat([z, c, F.one_hot(k, 10)], 1)", "in another order"),
    ("lambda z, k, c: torch.cat([c, z, F.one_hot(k, 10)], 1)", "in another order"),
    ("lambda z, k, c: torch.cat([z, F.one_hot(k, 10)], 1)", "continuous codes are missing"),
    ("lambda z, k, c: torch.cat([F.one_hot(k, 10), c], 1)", "noise is missing"),
    ("lambda z, k, c: torch.cat([z, c], 1)", "category is missing"),
    ("lambda z, k, c: torch.zeros(3, 74)", "at [0, 0]: the result should be 0.0039, but yours is 0.0000"),
    (
        "lambda z, k, c: torch.cat([z, 2 * F.one_hot(k, 10), c], 1)",
        "at [0, 62]: the result should be 1, but yours is 2",
    ),
    ("lambda z, k, c: torch.cat([z, F.one_hot((k + 1) % 10, 10), c], 1)", "at [0, 62]: the result should be 1"),
    ("lambda z, k, c: torch.cat([z, F.one_hot(k, 10), c.flip(1)], 1)", "at [0, 72]: the result should be −0.1250"),
    ("lambda z, k, c: torch.cat([z, k, c], 1)", "3 images with categories 0, 9, 4: your code stopped"),
    ("lambda z, k, c: torch.zeros(3)", "should be an array of shape (3, 74)"),
    ("lambda z, k, c: torch.cat([z, F.one_hot(k), c], 1)", "write F.one_hot(category, 10)"),
    ("lambda z, k, c: torch.cat([z, torch.eye(10)[[0, 9, 4]], c], 1)", "Sizes of tensors must match"),
    ("lambda z, k, c: np.concatenate([z, F.one_hot(k, 10), c], 1)", "need a torch tensor"),
    ("lambda z, k, c: torch.cat([z, F.one_hot(k, 10), c], 1).tolist()", "need a torch tensor"),
    ("lambda z, k, c: torch.cat([z, F.one_hot(k, 10), c], 1).double()", "should be torch.float32"),
    ("lambda z, k, c: torch.cat([z, F.one_hot(k, 10), c], 1).half()", "should be torch.float32"),
    ("lambda z, k, c: torch.cat([z.mul_(1), F.one_hot(k.zero_(), 10), c], 1)", "changes its argument"),
]
STAMPS = [
    ("lambda x, k, s, p: stamps(x, k, s)", "aren't cut"),
    ("lambda x, k, s, p: stamps(x, k, s, add=False)[p:-p]", "overwritten"),
    ("lambda x, k, s, p: stamps(x, k.flip(0), s)[p:-p]", "reversed"),
    ("lambda x, k, s, p: F.pad(stamps(x, k, 1), (0, (len(x) - 1) * (s - 1)))[p:-p]", "one step apart"),
    (
        """
def transposed_convolution(x, kernel, stride, padding):
    out = torch.zeros((len(x) - 1) * stride + len(kernel))
    for i, value in enumerate(x):
        out[stride * i : stride * i + 4] += value * kernel
    return out[padding : len(out) - padding]
""",
        "kernel [1, 2, 3], stride 2, padding 1: your code stopped",
    ),
    ("lambda x, k, s, p: stamps(x, k, 2)[1:-1]", "use the arguments"),
    ("lambda x, k, s, p: stamps(x, k, s)[p:-p]", "For padding 0 your result is empty"),
    ("lambda x, k, s, p: stamps(x, k, s)[p:]", "Only one end is cut"),
    ("lambda x, k, s, p: stamps(x, k, s)[:-p]", "the last one"),
    ("lambda x, k, s, p: stamps(torch.ones(len(x)), k, s)[p:-p]", "multiplied by the values"),
    ("lambda x, k, s, p: F.conv1d(x[None, None], k[None, None], stride=s, padding=p)[0, 0]", "ordinary convolution"),
    ("lambda x, k, s, p: stamps(x, k, s)[p : 2 * len(x) + p]", "use the arguments"),
    ("lambda x, k, s, p: torch.cat([(out := stamps(x, k, s)[p:])[: len(out) - p], torch.zeros(0)]).numpy()", "tensor"),
    ("lambda x, k, s, p: stamps(x.mul_(1).neg_().neg_(), k.flip(0).mul_(2), s)[p:-p]", "should be"),
    ("lambda x, k, s, p: stamps(x, k.mul_(2), s)[p:-p]", "changes its argument"),
    ("lambda x, k, s, p: F.conv_transpose1d(x[None, None], k[None, None], stride=s, padding=p)", "an array of shape"),
    ("lambda x, k, s, p: stamps(x.double(), k.double(), s).double()[p : 3 * s + 2 + p][:6]", "should be"),
]
HEAD = [
    ("lambda u, k, c: 12", "Return a module"),
    ("lambda u, k, c: list(q_layers(u, k, c))", "Return a module, such as nn.Sequential, and not a list"),
    ("lambda u, k, c: q_layers(256, (10,), 2)", "features of shape (4, 64) don't get through"),
    ("lambda u, k, c: q_layers(u, (10,), c)", "an output for each category of each code"),
    ("lambda u, k, c: q_layers(u, k, 0)", "means of the continuous codes are missing"),
    ("lambda u, k, c: q_layers(u, (math.prod(k),), c)", "instead of multiplying"),
    (
        "lambda u, k, c: nn.Sequential(q_layers(u, k, c)[0], nn.BatchNorm1d(128, affine=False), "
        "*list(q_layers(u, k, c))[2:])",
        "leave affine=False out",
    ),
    ("lambda u, k, c: q_layers(u, (len(k),), c)", "an output for each of its categories"),
    ("lambda u, k, c: q_layers(u, (10 * len(k),), c)", "categorical = (3, 20)"),
    ("lambda u, k, c: q_layers(u, k, 2 * c)", "needs one mean"),
    ("lambda u, k, c: q_layers(u, k, 2)", "categorical = (10, 10, 10, 10)"),
    ("lambda u, k, c: nn.Sequential(*list(q_layers(u, k, c))[:2], q_layers(u, k, c)[3])", "layers should"),
    ("lambda u, k, c: nn.Sequential(*q_layers(u, k, c), nn.Softmax(1))", "layers should"),
    ("lambda u, k, c: nn.Sequential(*list(q_layers(u, k, c))[:2], nn.ReLU(), q_layers(u, k, c)[3])", "yours are"),
    ("lambda u, k, c: nn.Sequential(nn.Linear(u, 128), *list(q_layers(u, k, c))[1:])", "bias=False"),
    (
        "lambda u, k, c: nn.Sequential(*list(q_layers(u, k, c))[:3], nn.Linear(128, sum(k) + c, bias=False))",
        "needs its bias",
    ),
    (
        "lambda u, k, c: nn.Sequential(nn.Linear(u, 64, bias=False), nn.BatchNorm1d(64), nn.LeakyReLU(0.1), "
        "nn.Linear(64, sum(k) + c))",
        "should have 128 outputs",
    ),
    (
        "lambda u, k, c: nn.Sequential(*list(q_layers(u, k, c))[:2], nn.LeakyReLU(), q_layers(u, k, c)[3])",
        "should be 0.1",
    ),
    ("lambda u, k, c: nn.Sequential(*q_layers(u, k, c), nn.Flatten(0))", "a row of outputs for each image"),
    ("lambda u, k, c: nn.Sequential(*q_layers(u, k, c), nn.Unflatten(1, (1, -1)))", "a row of outputs for each image"),
    ("lambda u, k, c: nn.Sequential(nn.Linear(u, 128), nn.BatchNorm2d(128))", "expected 4D input"),
    ("lambda u, k, c: nn.ModuleList(q_layers(u, k, c))", 'missing the required "forward" function'),
    ("lambda u, k, c: q_layers(u, k, c).double()", "features of shape (4, 256) don't get through"),
    (
        """
class make_q_head(nn.Module):
    def __init__(self, units, categorical, continuous):
        super().__init__()
        self.layers = q_layers(units, categorical, continuous)

    def forward(self, x):
        return self.layers(x).split([10, 2], dim=1)
""",
        "one tensor with all outputs, and not a tuple",
    ),
]
FROZEN = [
    ("lambda m, x: m(x)", "The weights get a gradient too"),
    ("lambda m, x: m(x.detach())", "no gradient reaches x"),
    ("lambda m, x: m(x).detach()", "no gradient reaches x"),
    ("lambda m, x: m(x).item()", "stopped with RuntimeError"),
    ("lambda m, x: m(x).detach().numpy()", "Return the module's output, a tensor"),
    ("lambda m, x: m.requires_grad_(False)(x)", "stay frozen afterwards"),
    ("lambda m, x: m.eval().requires_grad_(False)(x)", "Leave the module in the mode"),
    ("lambda m, x: copy.deepcopy(m)(x)", "a copy's weights"),
    ("lambda m, x: copy.deepcopy(m).requires_grad_(False)(x)", "running statistics"),
    ("lambda m, x: m", "and not a Sequential"),
    ("lambda m, x: torch.zeros(5, 1)", "should be"),
    (
        """
def through_frozen(module, x):
    with torch.no_grad():
        return module(x)
""",
        "without torch.no_grad",
    ),
    (
        """
def through_frozen(module, x):
    y = module(x)
    module.requires_grad_(False)
    module.requires_grad_(True)
    return y
""",
        "decided in the forward pass",
    ),
    (
        """
def through_frozen(module, x):
    y = module(x)
    module.zero_grad()
    return y
""",
        "The weights get a gradient too",
    ),
    (
        """
def through_frozen(module, x):
    module.requires_grad_(False)
    module(x)
    y = module(x)
    module.requires_grad_(True)
    return y
""",
        "and once",
    ),
    (
        """
def through_frozen(module, x):
    module.requires_grad_(False)
    y = module(x)
    module.requires_grad_(True)
    module.eval()
    return y
""",
        "evaluation mode afterwards",
    ),
    (
        """
def through_frozen(module, x):
    for weight in list(module.parameters())[1:]:
        weight.requires_grad = False
    y = module(x)
    module.requires_grad_(True)
    return y
""",
        "1 of the module's 6 weights and biases",
    ),
]
COST = [
    ("lambda g, d: g + 3 * d", "cost 3 g"),
    ("lambda g, d: 3 * (g + d)", "D judges more than that"),
    ("lambda g, d: 3 * g + 2 * d", "How many batches"),
    ("lambda g, d: 3 * g + 9 * d", "D's weights don't learn"),
    ("lambda g, d: 3 * g + 6 * d", "also goes through D"),
    ("lambda g, d: 3 * g + 7 * d", "must go back through D to the image"),
    ("lambda g, d: 3 * g + 5 * d", "real images as well"),
    ("lambda g, d: 3 * g + 4 * d", "two batches: 6 d"),
    ("lambda g, d: 5 * g + 8 * d", "should be 38, but yours is 58"),
    ("lambda g, d: 3 * g + 12 * d", "How many batches"),
    ("lambda g, d: g + 8 * d", "3 g"),
    ("lambda g, d: 2 * g + 8 * d", "three times"),
    ("lambda g, d: 4 * g + 8 * d", "both steps use the same"),
    ("lambda g, d: 6 * g + 8 * d", "learns only in its own step"),
    ("lambda g, d: g + 8 * d + 0.0 * g * d", "3 g"),
    ("lambda g, d: 38", "should be 803,"),
    ("lambda g, d: 11", "should be 38, but yours is 11. The cells below"),
    ("lambda g, d: 3 * g + 8 * d + 1", "should be 38, but yours is 39. The cells below"),
    ("lambda g, d: 3 * g * 8 * d", "should be 38"),
    ("lambda g, d: torch.tensor([3 * g, 8 * d])", "should be one number"),
    ("lambda g, d: '3 g + 8 d'", "should be a number or an array"),
]
NORM = [
    ("lambda x: (x - x.mean((0, 2, 3))) / torch.sqrt(x.var((0, 2, 3), correction=0) + 1e-5)", "Use keepdim=True"),
    ("lambda x: (x - x.mean(0)) / torch.sqrt(x.var(0, correction=0) + 1e-5)", "each pixel separately"),
    ("lambda x: (x - x.mean()) / torch.sqrt(x.var(correction=0) + 1e-5)", "Each needs its own"),
    ("lambda x: F.instance_norm(x)", "each image separately"),
    ("lambda x: F.layer_norm(x, x.shape[1:])", "each image over its channels"),
    (
        "lambda x: (x - x.mean(1, keepdim=True)) / torch.sqrt(x.var(1, correction=0, keepdim=True) + 1e-5)",
        "each pixel over its channels",
    ),
    (
        "lambda x: (x - (m := x.mean((0, 2, 3), keepdim=True))) / ((x - m) ** 2).mean()",
        "at [0, 0, 0, 0]: the result should be",
    ),
    ("lambda x: F.batch_norm(x, None, None, training=True) * 1.01", "should be"),
    ("lambda x: (x - x.mean()) / torch.sqrt(x.var() + 1e-5)", "leave out dimension 1. Divide the variance by n"),
    (
        "lambda x: (x - x.mean((0, 2, 3), True)) / torch.sqrt("
        "x.mean((0, 2, 3), True) ** 2 - x.square().mean((0, 2, 3), True) + 1e-5)",
        "but yours is nan. The cells below",
    ),
    ("lambda x: x - x.mean((0, 2, 3)).view(1, 3, 1, 1)", "standard deviation"),
    (
        "lambda x: (x - x.mean((0, 2, 3)).view(3, 1, 1)) / torch.sqrt("
        "x.var((0, 2, 3), correction=0).view(3, 1, 1) + 1e-5)",
        "Four images with 2 channels of 2×4, one of them constant: your code stopped",
    ),
    (
        "lambda x: F.batch_norm(x, None, None, training=True) * torch.ones(1, 3, 1, 1)",
        "Four images with 2 channels of 2×4, one of them constant: your code stopped",
    ),
    ("lambda x: x - x.mean((0, 2, 3), keepdim=True)", "standard deviation"),
    ("lambda x: x / torch.sqrt(x.var((0, 2, 3), correction=0, keepdim=True) + 1e-5)", "mean isn't subtracted"),
    (
        "lambda x: (x - x.mean((0, 2, 3), keepdim=True)) / (x.var((0, 2, 3), correction=0, keepdim=True) + 1e-5)",
        "Take its square root",
    ),
    (
        "lambda x: (x - x.mean((0, 2, 3), keepdim=True)) / x.std((0, 2, 3), keepdim=True)",
        "lacks the 1e-5. Divide the variance by n",
    ),
    (
        "lambda x: (x - x.mean((0, 2, 3), keepdim=True)) / (x.std((0, 2, 3), keepdim=True) + 1e-5)",
        "before the square root. Divide the variance by n",
    ),
    (
        "lambda x: (x - x.mean((0, 2, 3), keepdim=True)) / torch.sqrt(x.var((0, 2, 3), keepdim=True) + 1e-5)",
        "correction=0",
    ),
    (
        "lambda x: (x - x.mean((0, 2, 3), keepdim=True)) / x.std((0, 2, 3), correction=0, keepdim=True)",
        "lacks the 1e-5",
    ),
    (
        "lambda x: (x - x.mean((0, 2, 3), keepdim=True)) / (x.std((0, 2, 3), correction=0, keepdim=True) + 1e-5)",
        "before the square root",
    ),
    (
        "lambda x: (x - x.mean((0, 2, 3), keepdim=True)) / torch.sqrt((x**2).mean((0, 2, 3), keepdim=True) + 1e-5)",
        "only after the mean is subtracted",
    ),
    ("lambda x: F.batch_norm(x, None, None, training=True).mean()", "should be an array of shape (4, 3, 2, 2)"),
    ("lambda x: nn.BatchNorm2d(3)(x)", "2 channels of 2×4, one of them constant: your code stopped"),
    ("lambda x: nn.BatchNorm2d(x.shape[1]).eval()(x)", "should be"),
    ("lambda x: F.batch_norm(x.detach(), None, None, training=True)", "no gradient flows back"),
    ("lambda x: F.batch_norm(x, None, None, training=True).detach().numpy()", "need a torch tensor"),
    (
        "lambda x: (x - x.mean((0, 2, 3), keepdim=True).detach()) / torch.sqrt("
        "x.var((0, 2, 3), correction=0, keepdim=True).detach() + 1e-5)",
        "depend on the images too",
    ),
    ("lambda x: F.batch_norm(x.sub_(1), None, None, training=True)", "changes its argument"),
    ("lambda x: F.batch_norm(x.double(), None, None, training=True)", "should be torch.float32"),
]
WRONG = [
    (name, answer, says)
    for name, cases in {
        "latent_vector": VECTOR,
        "transposed_convolution": STAMPS,
        "make_q_head": HEAD,
        "through_frozen": FROZEN,
        "update_cost": COST,
        "batch_norm": NORM,
    }.items()
    for answer, says in cases
]
