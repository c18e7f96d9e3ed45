# title: Convolutional encoder and decoder with mean squared reconstruction error
# source: Goodfellow, Bengio & Courville 2016, Deep Learning, ch. 14
# run: graphdiff backprop -f examples/networks/encoder-decoder.gd --at @examples/networks/encoder-decoder.json
x: 1x6x6
K1: 2x1x3x3
b1: 2
K2: 1x2x3x3
b2: 1
code = avg_pool2d(tanh(conv2d(x, K1, b1, padding=1)), size=2)
y = conv2d(upsample2d(code, factor=2), K2, b2, padding=1)
L = mse(y, x)
