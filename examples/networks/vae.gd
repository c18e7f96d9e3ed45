# title: Variational autoencoder: reconstruction and divergence for a given noise
# source: Kingma & Welling 2014, Auto-Encoding Variational Bayes, arXiv:1312.6114, appendix B
# run: graphdiff backprop -f examples/networks/vae.gd --at @examples/networks/vae.json
x: 6
A: 4x6
a: 4
M: 2x4
m: 2
S: 2x4
s: 2
noise: 2
D: 6x2
d: 6
h = tanh(A@x + a)
mu = M@h + m
logvar = S@h + s
z = mu + exp(logvar/2)*noise
p = sigmoid(D@z + d)
reconstruction = -sum(x*log(p) + (1 - x)*log(1 - p))
divergence = -sum(1 + logvar - mu^2 - exp(logvar))/2
L = reconstruction + divergence
