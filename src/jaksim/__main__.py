from jaksim.cli import main

main()
