print(("%5.2f %s %q %x"):format(1.5, {}, "a\n", 255), ("x"):rep(3, "-"), ("a.b"):gsub("%.", "%%"), ("k=v"):match "(%w+)=(%w+)")
for w in ("a b"):gmatch "%a" do print(w:byte()) end print(utf8.len "\u{20ac}", string.pack("<I4", 1))
