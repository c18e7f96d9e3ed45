# title: A small U-Net: down, a bottom, up, and a skip connection that joins both
# source: Ronneberger, Fischer & Brox 2015, U-Net, arXiv:1505.04597
# run: graphdiff backprop -f examples/networks/u-net.gd --at @examples/networks/u-net.json
x: 1x4x4
K1: 2x1x3x3
K2: 3x2x3x3
K3: 2x5x3x3
K4: 1x2x1x1
T: 1x4x4
down = relu(conv2d(x, K1, padding=1))
bottom = relu(conv2d(max_pool2d(down, size=2), K2, padding=1))
joined = concat(down, upsample2d(bottom, factor=2), axis=0)
up = relu(conv2d(joined, K3, padding=1))
y = conv2d(up, K4)
L = bce_logits(y, T)
