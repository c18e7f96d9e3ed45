# title: Half the sum of squared errors of ten outputs
# source: Saito, Deep Learning from Scratch, sec. 4.2.1
# run: graphdiff backprop -f examples/lectures/saito-mse.gd --at "y=[0.1,0.05,0.6,0,0.05,0.1,0,0.1,0,0],t=[0,0,1,0,0,0,0,0,0,0]"
y: 10
t: 10
E = 0.5*sum((y - t)^2)
