"""What a drawing is made of: shapes, labels as typeset, sizes and colours."""
