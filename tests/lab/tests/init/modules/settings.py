HOST = 'localhost'
PORT = 5000
